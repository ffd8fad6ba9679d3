"""Runs an engine that is forked by the nursery at the address given, with its own input and outputs; ends as it does.

Without Python's own start of a quarter of what an engine takes: nothing but built-in modules.
"""

import _socket
import os
import struct
import sys


def main() -> None:
    nursery = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    nursery.connect(sys.argv[1])
    variables = (name + b"=" + value for name, value in os.environb.items())
    order = b"\0".join((b"engine", os.getcwdb(), b"0", *variables))
    descriptors = struct.pack("3i", 0, 1, 2)
    nursery.sendmsg([b"%08d" % len(order), order], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, descriptors)])
    # The pipes are the engine's alone: whoever reads them sees them end with it.
    for descriptor in (0, 1):
        os.close(descriptor)
    answers = b""
    while answers.count(b"\n") < 2:
        answer = nursery.recv(100)
        if not answer:
            os._exit(1)
        answers += answer
    code = int(answers.split(b"\n")[1])
    if code < 0:
        os.kill(os.getpid(), -code)
    os._exit(code)


main()
