"""Bytecode of the program, as it lies beside the sources of a user: an environment may say that none is written."""

import compileall
import sys
from pathlib import Path

import inspector


def keep_bytecode(folder: Path) -> None:
    """Compile the program into `folder`, and read it from there from now on."""
    sys.pycache_prefix = str(folder)
    compileall.compile_dir(Path(inspector.__file__).parent, quiet=1)
