"""The options of `connect` for keys, streams, metadata and certificates."""

import json
from pathlib import Path

import jwt
import pytest

from inspector.cli.connection_options import subscriptions_of
from inspector.engine.connection_entry import app_metadata_of
from inspector.engine.control import StreamSubscription
from tests.certificates import tls_server
from tests.cli.test_headless import connect, inspector
from tests.recordings import CAPTURES, Recording
from tests.running_service import running_service
from tests.scripted_service import Answer, scripted_service

INITIAL = Recording(CAPTURES / "initial-ndjson")
SECRET = "the secret that only the file has"


def test_a_secret_file_signs_a_token_for_a_user(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    files = ("--database", str(tmp_path / "client.db"), "--capture", str(tmp_path / "stream.pscapture"))
    dev = ("--dev-secret-file", str(tmp_path / "secret"), "--dev-user", "u1", "--dev-key-id", "k1")
    more = ("--dev-audience", "a", "--dev-audience", "b", "--dev-lifetime", "60", "--dev-claims", '{"role": "x"}')
    with scripted_service(Answer(INITIAL.raw_body, hold=True)) as service:
        done = inspector("connect", service.endpoint, *dev, *more, *files, "--headless", "--until-synced")
    assert (done.returncode, done.stderr) == (0, "")
    sent = service.tokens[0].removeprefix("Token ")
    claims = jwt.decode(sent, SECRET, ["HS256"], audience="a")
    assert (claims["sub"], claims["aud"], claims["role"]) == ("u1", ["a", "b"], "x")
    assert claims["exp"] - claims["iat"] == 60
    assert jwt.get_unverified_header(sent)["kid"] == "k1"


def test_streams_and_metadata_are_sent_as_given(tmp_path: Path) -> None:
    with scripted_service(Answer(INITIAL.raw_body, hold=True)) as service:
        done = connect(
            service.endpoint,
            tmp_path,
            "--until-synced",
            "--no-default-streams",
            *("--subscribe", 'list_todos{"list":"list-7"}', "--subscribe", "all_notes"),
            *("--app-metadata", "app=shop", "--app-metadata", "version=1=2"),
        )
    assert done.returncode == 0
    (request,) = service.requests
    assert request["app_metadata"] == {"app": "shop", "version": "1=2"}
    assert request["streams"] == {
        "include_defaults": False,
        "subscriptions": [
            {"stream": "list_todos", "parameters": {"list": "list-7"}, "override_priority": None},
            {"stream": "all_notes", "parameters": None, "override_priority": None},
        ],
    }


def test_the_endpoint_may_come_with_the_token(tmp_path: Path) -> None:
    files = ("--database", str(tmp_path / "client.db"), "--capture", str(tmp_path / "stream.pscapture"))
    with running_service() as service:
        source = f"{service.endpoint}/api/credentials?user=alice"
        done = inspector("connect", "--token-endpoint", source, *files, "--headless", "--until-synced", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout.splitlines()[0])["kind"] == "checkpoint"


def test_insecure_is_said_on_standard_error_and_a_ca_file_needs_no_such_thing(tmp_path: Path) -> None:
    tls, authority = tls_server(tmp_path)
    with scripted_service(Answer(INITIAL.raw_body, hold=True), tls=tls) as service:
        loud = connect(service.endpoint, tmp_path, "--until-synced", "--insecure")
        (tmp_path / "second").mkdir()
        quiet = connect(service.endpoint, tmp_path / "second", "--until-synced", "--ca", str(authority))
    assert loud.returncode == quiet.returncode == 0
    assert loud.stderr.startswith("Warning: TLS certificates are not checked")
    assert quiet.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--dev-key", "k.pem"), "A token that is signed here needs a user."),
        (("--dev-key", "k.pem", "--dev-user", "u", "--token", "a.b.c"), "More than one source of tokens is given."),
        (("--dev-key", "missing.pem", "--dev-user", "u"), "The key file missing.pem cannot be read."),
        (("--dev-key", "k", "--dev-user", "u", "--dev-claims", "[1]"), "The further claims are no JSON object."),
        (("--token", "a.b.c", "--subscribe", "s{"), "The parameters of s are no JSON object."),
        (("--token", "a.b.c", "--subscribe", '{"a":1}'), "names no stream."),
        (("--token", "a.b.c", "--app-metadata", "shop"), "“shop” is no pair of a name and a value."),
        (("--token", "a.b.c", "--ca", "missing.pem"), "The certificate file missing.pem cannot be read."),
    ],
)
def test_bad_options_are_one_sentence(tmp_path: Path, arguments: tuple[str, ...], sentence: str) -> None:
    done = inspector("connect", "http://127.0.0.1:1", *arguments, "--headless", XDG_DATA_HOME=str(tmp_path))
    assert done.returncode == 1
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_without_any_endpoint_it_says_so(tmp_path: Path) -> None:
    done = inspector("connect", "--dev-key", "k", "--dev-user", "u", "--headless", XDG_DATA_HOME=str(tmp_path))
    assert done.returncode == 1
    assert "no web address" in done.stderr


def test_streams_are_written_with_or_without_parameters() -> None:
    assert subscriptions_of([" a ", 'b {"c": {"d": 1}}', "e{}"]) == (
        StreamSubscription("a"),
        StreamSubscription("b", {"c": {"d": 1}}),
        StreamSubscription("e", {}),
    )


def test_metadata_values_may_hold_anything() -> None:
    assert app_metadata_of(["a=", "b=c=d"]) == {"a": "", "b": "c=d"}
    assert app_metadata_of([]) is None
