"""Tokens stay out of everything that is written down or shown to other users of the machine."""

import json
from pathlib import Path

import pytest

from inspector.engine.control import StaticToken
from tests.engine.running_engine import COMMAND, running_engine, token
from tests.recordings import CAPTURES, Recording
from tests.scripted_service import Answer, scripted_service

INITIAL = Recording(CAPTURES / "initial-ndjson")


def leaks(secret: str, folder: Path) -> list[str]:
    """Files that hold the token, or the part of it that proves who it is for."""
    wanted = (secret.encode(), secret.rpartition(".")[2].encode())
    return [file.name for file in folder.iterdir() if any(part in file.read_bytes() for part in wanted)]


@pytest.mark.parametrize("refused", [False, True])
def test_a_token_is_in_no_file_no_message_and_no_process_list(
    tmp_path: Path, refused: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = token()
    repeating = {"error": {"code": "PSYNC_S2101", "status": 401, "description": f"bad token {secret}"}}
    answer = Answer(INITIAL.raw_body, hold=True)
    if refused:
        answer = Answer(json.dumps(repeating).encode(), 401, "application/json")
    with (
        scripted_service(answer) as service,
        running_engine(service.endpoint, tmp_path, credentials=StaticToken(secret), command=COMMAND) as engine,
    ):
        engine.wait(lambda status: status.phase == "refused" if refused else status.shown_checkpoint)
        shown_to_others = Path(f"/proc/{engine.process.pid}/cmdline")
        if shown_to_others.exists():
            assert secret not in shown_to_others.read_text()
        assert secret not in repr(engine.statuses)
    assert leaks(secret, tmp_path) == []
    assert secret not in "".join(capfd.readouterr())
    assert secret in service.tokens[0], "the service did get it"
