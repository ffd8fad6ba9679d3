"""The state sentence, state by state, and which state wins when several are true."""

import dataclasses
import re
from collections.abc import Iterator
from datetime import datetime
from itertools import product

import pytest
from msgspec.structs import replace

from inspector.analysis.situations import Checked, FileProblem, Rebuilding, Verdict
from inspector.analysis.state import (
    Action,
    CaptureFile,
    DatabaseFile,
    EngineGone,
    Live,
    NothingOpen,
    Opening,
    PastData,
    PastMoment,
    Role,
    Situation,
    StateSentence,
    Unreadable,
    describe,
    describe_past,
)
from inspector.engine.control import FaultStatus, Mismatch, Problem, Status

NS = 1_000_000_000
NOW = int(datetime(2026, 11, 23, 14, 3, 38).timestamp()) * NS
MAXIMUM = 2**63 - 1

LOST = Problem("The service does not answer.", "The address refuses connections.", "Start the service.")
MISMATCH = Mismatch('1#my_todos|0["user-1"]', 7, 5, 1, times=1)
SYNCED = Status(
    "connected",
    "http://localhost:8090",
    connected_at=NOW - 60 * NS,
    checkpoint=1607,
    shown_checkpoint=1607,
    operations_done=26_758,
    operations_total=26_758,
    first_sync=False,
    last_change_at=NOW - 3 * NS,
    token_expires_at=NOW + 3600 * NS,
    token_source="a file",
    transport="BSON · zstd",
    frames=48_112,
    uploads="held",
)
FIRST_SYNC = replace(
    SYNCED, shown_checkpoint=None, first_sync=True, receiving=True, operations_done=10_966, last_change_at=None
)
HELD = replace(SYNCED, shown_checkpoint=1598, held=True, pending_writes=2, target_request=MAXIMUM)
FINE = Verdict("", "", "", Role.FINE, 0)
FILE = DatabaseFile(
    "customer-4411.db", 14, int(datetime(2026, 11, 20, 9, 14, 7).timestamp()) * 1_000_000, 26_758, 7_320, 5,
    checked=Checked(FINE, 1.8, 44, operations=26_758),
)  # fmt: skip
CAPTURE = CaptureFile(
    "morning.capture", 48_112, 9_100_000, 2, NOW - 300 * NS, NOW - 60 * NS, 1607, "applied"
)  # fmt: skip


def live(status: Status) -> StateSentence:
    return describe(Live(status), NOW)


def plain(text: str) -> str:
    return text.replace("\u2009", " ")


def test_no_source_offers_the_three_ways_in() -> None:
    sentence = describe(NothingOpen(), NOW)
    assert (sentence.lead, sentence.then) == ("Nothing is open.", "Connect, open a file, or start the demo.")
    assert sentence.actions == (Action.CONNECT, Action.OPEN_FILE, Action.START_DEMO)


def test_opening_names_the_file() -> None:
    assert describe(Opening("customer-4411.db"), NOW).lead == "Opening customer-4411.db."


def test_a_first_attempt_names_the_host_only() -> None:
    sentence = live(Status("connecting", "https://sync.example.com/path", attempt=1))
    assert (sentence.lead, sentence.then, sentence.role) == ("Connecting to sync.example.com.", "", Role.DATA)


def test_a_service_that_never_answered_gives_attempt_error_and_next_try() -> None:
    status = Status("waiting", "http://localhost:8090", attempt=3, problem=LOST, retry_at=NOW + 4 * NS + 1)
    sentence = live(status)
    assert sentence.lead == "The service does not answer."
    assert sentence.then == (
        "The next try is in 5 s. Start the service. The address refuses connections. This is attempt 3."
    )
    assert sentence.role is Role.BROKEN
    assert sentence.actions[0] is Action.TRY_NOW


def test_a_refused_token_gives_the_reason_and_the_code() -> None:
    problem = Problem("The token is refused.", "The token expired 3 min ago.", "Get a new one.", "PSYNC_S2103")
    sentence = live(replace(SYNCED, phase="refused", problem=problem, retry_at=NOW + 5 * NS))
    assert sentence.lead == "The service refuses the token."
    assert sentence.then == "The token expired 3 min ago (PSYNC_S2103). Get a new one. The next try is in 5 s."
    assert sentence.actions == (Action.REFRESH_TOKEN, Action.DISCONNECT)


def test_a_refused_audience_is_told_beside_the_one_that_a_service_usually_wants() -> None:
    why = 'It answers 401 S2105: Unexpected "aud" claim value: "https://other.example".'
    problem = Problem("The service refuses the token.", why, "Issue the token with another.", "PSYNC_S2105")
    sentence = live(replace(SYNCED, phase="refused", problem=problem))
    assert "https://other.example" in sentence.then
    assert f"What a service usually accepts is its own address, here {SYNCED.endpoint}." in sentence.then
    other = replace(problem, code="PSYNC_S2103")
    assert SYNCED.endpoint not in live(replace(SYNCED, phase="refused", problem=other)).then


def test_a_code_that_the_reason_names_already_is_not_repeated() -> None:
    problem = Problem("The service refuses the token.", "It answers 401 S2103: expired.", "", "PSYNC_S2103")
    assert live(replace(SYNCED, phase="refused", problem=problem)).then == "It answers 401 S2103: expired."


def test_a_token_that_the_service_was_not_asked_about_is_not_said_to_be_refused_by_it() -> None:
    problem = Problem("The token is no JSON web token.", "It has 1 part.", "Check the token given.")
    sentence = live(replace(SYNCED, phase="refused", problem=problem, token_source="", retry_at=NOW + 5 * NS))
    assert sentence.actions == (Action.CONNECT, Action.DISCONNECT)
    assert sentence.lead == "The token is no JSON web token."
    assert sentence.then == "It has 1 part. Check the token given."


def test_before_the_first_checkpoint_it_is_connected_and_waits() -> None:
    sentence = live(Status("connected", "http://localhost:8090", connected_at=NOW))
    assert (sentence.lead, sentence.then) == (
        "Connected to localhost:8090.",
        "The first checkpoint has not arrived yet.",
    )


def test_a_stream_that_is_open_and_brings_no_checkpoint_says_since_when_and_what_looks_like_it() -> None:
    opened = Status("connected", "http://localhost:8090", connected_at=NOW - 40 * NS)
    nothing = live(opened)
    assert nothing.lead == "Connected to localhost:8090."
    assert nothing.then == (
        "Its answer began 40 s ago, and no line has come, not even a keepalive."
        " A proxy between that stores answers, instead of passing them on, looks like this."
    )
    assert nothing.role is Role.HELD
    alive = live(replace(opened, heard_at=NOW - 5 * NS))
    assert alive.then.startswith("Only keepalives have come for 40 s, and no checkpoint.")
    assert alive.role is Role.HELD


def test_a_checkpoint_that_does_not_go_on_says_since_when() -> None:
    going = replace(FIRST_SYNC, receiving=True, heard_at=NOW - 2 * NS, connected_at=NOW - 60 * NS)
    assert live(replace(going, progressed_at=NOW - 20 * NS)).role is not Role.HELD
    stuck = live(replace(going, progressed_at=NOW - 50 * NS))
    assert "No more of it has come for 50 s, only keepalives" in stuck.then
    assert stuck.role is Role.HELD
    receiving = replace(SYNCED, receiving=True, checkpoint=1608, operations_done=9, operations_total=9, heard_at=NOW)
    uncompleted = live(replace(receiving, progressed_at=NOW - 50 * NS))
    assert uncompleted.then.endswith(
        "All of it is here; the line that completes it has not come for 50 s, only keepalives."
    )
    assert uncompleted.role is Role.HELD


def test_the_first_sync_tells_percentage_and_operations() -> None:
    sentence = live(replace(FIRST_SYNC))
    assert sentence.lead == "First sync: 40 %."
    assert plain(sentence.then) == "10 966 of 26 758 operations."
    assert sentence.role is Role.DATA


def test_the_first_sync_tells_which_priorities_are_complete() -> None:
    assert live(replace(FIRST_SYNC, complete_priority=1)).then.endswith("operations; priority 1 is complete.")
    sentence = live(replace(FIRST_SYNC, complete_priority=2))
    assert sentence.then.endswith("operations; priorities up to 2 are complete.")
    assert sentence.role is Role.PARTIAL


def test_the_first_sync_is_not_complete_before_its_last_operation() -> None:
    assert live(replace(FIRST_SYNC, operations_done=26_757)).lead == "First sync: 99 %."
    assert live(replace(FIRST_SYNC, operations_done=30_000)).lead == "First sync: 100 %."


def test_an_empty_first_checkpoint_has_no_percentage() -> None:
    sentence = live(replace(FIRST_SYNC, operations_done=0, operations_total=0))
    assert (sentence.lead, sentence.then) == ("Receiving checkpoint 1607.", "It has no operations.")


def test_up_to_date_tells_the_age_of_the_last_change() -> None:
    sentence = live(SYNCED)
    assert sentence == StateSentence("Up to date with checkpoint 1607.", "The last change came 3 s ago.", Role.FINE)
    assert live(replace(SYNCED, last_change_at=None)).then == "No change has arrived since connecting."


def test_a_stream_that_says_nothing_any_more_is_not_called_up_to_date() -> None:
    quiet = replace(SYNCED, heard_at=NOW - 29 * NS)
    assert live(quiet).lead == "Up to date with checkpoint 1607."
    sentence = live(replace(SYNCED, heard_at=NOW - 44 * NS))
    assert sentence.lead == "Nothing has come from localhost:8090 for 44 s."
    assert sentence.then == (
        "A keepalive is due every 20 s; after 60 s of silence the stream is opened again."
        " The tables show checkpoint 1607."
    )
    assert sentence.role is Role.HELD
    opened_since = replace(SYNCED, heard_at=NOW - 90 * NS, connected_at=NOW - 5 * NS)
    assert live(opened_since).lead == "Up to date with checkpoint 1607."


def test_receiving_tells_operations_of_the_total() -> None:
    sentence = live(replace(SYNCED, receiving=True, checkpoint=1610, operations_total=26_761))
    assert sentence.lead == "Receiving checkpoint 1610."
    assert plain(sentence.then) == "26 758 of 26 761 operations."


def test_a_checkpoint_that_is_not_shown_yet_is_not_called_up_to_date() -> None:
    assert live(replace(SYNCED, checkpoint=1610)).lead == "Receiving checkpoint 1610."


def test_held_downloads_tell_how_many_local_writes() -> None:
    sentence = live(HELD)
    assert sentence.lead == "Downloads are held back."
    assert sentence.then == (
        "2 local writes are not uploaded, so checkpoint 1607 cannot be shown yet. Uploads are held by choice."
    )
    assert sentence.role is Role.HELD
    assert sentence.actions == (Action.RESUME_UPLOADS, Action.SHOW_WRITE, Action.DISCARD)
    assert live(replace(HELD, pending_writes=1)).then.startswith("1 local write is not uploaded, so")


def test_local_writes_that_hold_nothing_back_yet_are_told_beside_the_checkpoint() -> None:
    sentence = live(replace(SYNCED, pending_writes=1, target_request=MAXIMUM))
    assert sentence.lead == "Up to date with checkpoint 1607."
    assert (
        sentence.then == "1 local write is not uploaded yet. Uploads are held by choice. The last change came 3 s ago."
    )
    assert sentence.role is Role.HELD


def test_a_connection_without_a_place_to_upload_to_says_so_and_what_to_do() -> None:
    sentence = live(replace(HELD, nowhere_to_upload=True))
    assert "This connection has nowhere to upload to: connect again and say" in sentence.then
    assert sentence.actions == (Action.CONNECT, Action.SHOW_WRITE, Action.DISCARD)
    assert "by choice" not in sentence.then


REFUSED = replace(
    HELD,
    uploads="failed",
    upload_attempts=4,
    upload_problem=Problem("The backend refuses transaction 7.", "It answers 409: list is archived.", "", "409"),
)


def test_a_refused_upload_tells_how_often_and_what_the_backend_said() -> None:
    sentence = live(REFUSED)
    assert sentence.lead == "Downloads are held back."
    assert sentence.then == (
        "2 local writes are not uploaded, so checkpoint 1607 cannot be shown yet. "
        "The oldest was refused 4 times: 409 list is archived."
    )
    assert sentence.role is Role.HELD
    assert sentence.actions == (Action.SHOW_WRITE, Action.RETRY_UPLOAD, Action.DISCARD)
    once = live(replace(REFUSED, pending_writes=1, upload_attempts=1))
    assert once.then.endswith("It was refused: 409 list is archived.")


def test_an_upload_that_nobody_answers_tells_what_came_in_its_place() -> None:
    problem = Problem("The backend does not answer.", "The address refuses connections.", "Start the backend.")
    sentence = live(replace(REFUSED, upload_problem=problem, upload_attempts=2))
    assert sentence.then.endswith("The backend does not answer. It was tried 2 times. The address refuses connections.")


UPLOADING = replace(HELD, uploads="uploading", upload_attempts=1, oldest_write_at=NOW - 2 * NS)


def test_the_seconds_between_a_write_and_its_confirmation_are_normal() -> None:
    sentence = live(UPLOADING)
    assert sentence.lead == "Uploading 2 local writes."
    assert sentence.then == "Checkpoint 1607 is shown when they are confirmed. A few seconds are normal."
    assert sentence.role is Role.IDLE
    shown = live(replace(UPLOADING, held=False, shown_checkpoint=1607, pending_writes=1))
    assert shown.lead == "Up to date with checkpoint 1607."
    assert shown.then == "The last change came 3 s ago. 1 local write is being uploaded."
    assert shown.role is Role.FINE


def test_an_upload_that_takes_longer_than_it_should_is_no_longer_normal() -> None:
    slow = replace(UPLOADING, oldest_write_at=NOW - 11 * NS)
    sentence = live(slow)
    assert sentence.lead == "Downloads are held back."
    assert sentence.then.endswith("Uploading has taken 11 s so far.")
    assert sentence.role is Role.HELD
    # A write of yesterday can be uploaded since the connection is there, and not before.
    assert live(replace(slow, oldest_write_at=NOW - 86_400 * NS, connected_at=NOW - NS)).role is Role.IDLE
    assert live(replace(slow, oldest_write_at=None, connected_at=NOW - NS)).role is Role.IDLE


def test_a_confirmation_that_cannot_be_asked_for_is_said_at_once() -> None:
    problem = Problem("The service does not answer.", "The address refuses connections.", "Start it.")
    waiting = replace(SYNCED, target_request=7, seen_request=6, waiting_since=NOW - NS, upload_problem=problem)
    sentence = live(waiting)
    assert sentence.then == (
        "Checkpoint request 7 was made 1 s ago; the last one seen is 6. "
        "The service does not answer. The address refuses connections. Start it."
    )
    assert sentence.role is Role.HELD


def test_the_first_sync_tells_the_time_that_is_left_once_it_can() -> None:
    going = replace(FIRST_SYNC, connected_at=NOW - 60 * NS, operations_received=10_966)
    assert live(going).then.endswith("operations. About 1 min left.")
    assert live(replace(going, operations_done=26_000)).then.endswith("Less than a minute is left.")
    resumed = replace(going, connected_at=NOW - 2 * NS)
    assert live(resumed).then.endswith("operations.")
    assert live(replace(going, operations_before=10_966)).then.endswith("operations.")
    assert live(replace(going, progressed_at=NOW - 2 * NS)).then.endswith("operations. About 1 min left.")
    assert live(replace(going, progressed_at=NOW - 10 * NS)).then.endswith("operations."), "it stands still"


def test_a_past_moment_tells_the_time_the_checkpoint_and_what_goes_on_meanwhile() -> None:
    sentence = describe_past(PastMoment(NOW - 60 * NS, 1604, 1598), Live(SYNCED), NOW)
    assert sentence == StateSentence(
        "You are looking at 14:02:38, checkpoint 1604.",
        "The tables showed 1598. Data and buckets are those of now. Now: Up to date with checkpoint 1607.",
        Role.CHECKPOINT,
        (Action.SHOW_THEN, Action.BACK_TO_NOW),
    )
    assert describe_past(PastMoment(NOW, 1604, 1604), Live(REFUSED), NOW).role is Role.HELD
    assert describe_past(PastMoment(NOW - 86_400 * NS), CAPTURE, NOW).lead == (
        "You are looking at 22 Nov, 14:03:38, before the first checkpoint."
    )


@pytest.mark.parametrize(
    ("data", "then", "actions"),
    [
        (PastData("rebuilding"), "The data of then are being rebuilt.", (Action.STOP_REBUILDING,)),
        (
            PastData("rebuilding", 12_300, 40_000),
            "The data of then are being rebuilt: 12 300 of 40 000 frames.",
            (Action.STOP_REBUILDING,),
        ),
        (
            PastData("shown"),
            "Data, buckets, checksums, SQL and rows are those of then.",
            (Action.PREVIOUS_CHECKPOINT, Action.NEXT_CHECKPOINT),
        ),
        (
            PastData("shown", has_local_writes=False),
            "Data, buckets, checksums, SQL and rows are those of then. Local writes are not in them: an older "
            "inspector recorded this and did not keep them.",
            (Action.PREVIOUS_CHECKPOINT, Action.NEXT_CHECKPOINT),
        ),
        (
            PastData("shown", unknown=1),
            "Data, buckets, checksums, SQL and rows are those of then. 1 local transaction is not in them.",
            (Action.PREVIOUS_CHECKPOINT, Action.NEXT_CHECKPOINT),
        ),
        (
            PastData("shown", strayed_at=NOW - 61 * NS),
            "Data, buckets, checksums, SQL and rows are those of then. At 14:02:37 the client connected with other "
            "buckets: they may differ from then on.",
            (Action.PREVIOUS_CHECKPOINT, Action.NEXT_CHECKPOINT),
        ),
        (
            PastData("impossible", problem=Problem("It cannot be.", "It began later.", "Choose a later moment.")),
            "It cannot be. It began later. Choose a later moment.",
            (),
        ),
    ],
)
def test_which_data_are_shown_at_a_past_moment_is_said(data: PastData, then: str, actions: tuple[Action, ...]) -> None:
    sentence = describe_past(PastMoment(NOW - 60 * NS, 1604, 1604, data), CAPTURE, NOW)
    assert sentence.lead == "You are looking at 14:02:38, checkpoint 1604."
    assert sentence.then == then
    assert sentence.actions == (*actions, Action.BACK_TO_NOW)
    held = describe_past(PastMoment(NOW - 60 * NS, 1604, 1598, data), CAPTURE, NOW)
    assert held.then == (f"{then} The tables show 1598." if data.name == "shown" else then)


def test_waiting_for_the_service_is_normal_for_ten_seconds() -> None:
    waiting = replace(SYNCED, target_request=7, seen_request=6, waiting_since=NOW - 10 * NS)
    sentence = live(waiting)
    assert sentence.lead == "Uploaded; waiting for the service."
    assert sentence.then == "Checkpoint request 7 was made 10 s ago; the last one seen is 6. A few seconds are normal."
    assert sentence.role is Role.IDLE


def test_waiting_longer_is_amber_and_tells_what_it_holds_back() -> None:
    waiting = replace(
        SYNCED, target_request=7, waiting_since=NOW - 130 * NS, held=True, checkpoint=1610, shown_checkpoint=1598
    )
    sentence = live(waiting)
    assert sentence.then == (
        "Checkpoint request 7 was made 2 min ago; none was seen yet. Checkpoint 1610 cannot be shown before."
    )
    assert sentence.role is Role.HELD


def test_a_gate_at_its_maximum_is_no_request() -> None:
    sentence = live(replace(SYNCED, target_request=MAXIMUM, waiting_since=NOW - 2 * NS))
    assert str(MAXIMUM) not in sentence.then
    assert sentence.then.startswith("All writes were uploaded 2 s ago; the checkpoint request is not made yet.")


def test_a_wait_of_unknown_beginning_has_no_age() -> None:
    sentence = live(replace(SYNCED, target_request=7, seen_request=6))
    assert sentence.then == "Checkpoint request 7 was made; the last one seen is 6."
    assert sentence.role is Role.IDLE


def test_an_open_gate_is_not_mentioned() -> None:
    assert live(replace(SYNCED, target_request=7, seen_request=7)) == live(SYNCED)
    assert live(replace(SYNCED, target_request=7, seen_request=9)) == live(SYNCED)


def test_a_mismatch_names_the_bucket_and_what_becomes_of_it() -> None:
    sentence = live(replace(SYNCED, mismatch=MISMATCH))
    assert sentence.lead == 'Bucket my_todos["user-1"] did not match its checksum.'
    assert sentence.then == "It was deleted and is downloading again."
    assert sentence.role is Role.BROKEN


def test_a_mismatch_that_comes_again_is_counted() -> None:
    sentence = live(replace(SYNCED, mismatch=Mismatch("b[]", 1, 2, 3, times=3)))
    assert sentence.then == "It was deleted and is downloading again, for the 3rd time."


def test_a_mismatch_in_the_first_sync_leads_and_keeps_the_progress() -> None:
    sentence = live(replace(FIRST_SYNC, mismatch=MISMATCH))
    assert sentence.lead.startswith("Bucket ")
    assert sentence.then.endswith("The first sync is at 40 %.")


def test_reconnecting_because_of_a_mismatch_is_not_a_lost_connection() -> None:
    because = Problem('Bucket 1#my_todos|0["user-1"] did not match its checksum.')
    for phase in ("waiting", "connecting"):
        sentence = live(replace(SYNCED, phase=phase, mismatch=MISMATCH, problem=because))
        assert sentence.lead.startswith("Bucket my_todos")
        assert sentence.then == "It was deleted and downloads again once the stream is open."


def test_a_mismatch_that_pauses_before_the_next_try_says_so() -> None:
    repeated = Mismatch("b[]", 1, 2, 3, times=2)
    sentence = live(replace(SYNCED, mismatch=repeated, connected_at=None, retry_at=NOW + 5 * NS))
    assert sentence.then == "It was deleted and downloads again in 5 s, for the 2nd time."


def test_frames_of_an_earlier_recording_do_not_make_a_connection_lost() -> None:
    sentence = live(Status("waiting", "http://localhost:8090", problem=LOST, frames=48_112))
    assert sentence.lead == "The service does not answer."


def test_a_connection_lost_after_a_mismatch_is_told_first() -> None:
    sentence = live(replace(SYNCED, phase="waiting", mismatch=MISMATCH, problem=LOST))
    assert sentence.lead == "The connection was lost."


def test_a_mismatch_beats_held_downloads_and_keeps_the_writes() -> None:
    sentence = live(replace(HELD, mismatch=MISMATCH))
    assert sentence.then == "It was deleted and is downloading again. 2 local writes wait for upload."


def test_held_beats_the_first_sync() -> None:
    assert live(replace(HELD, first_sync=True, shown_checkpoint=None)).lead == "Downloads are held back."


def test_offline_tells_the_writes_that_wait() -> None:
    sentence = live(replace(SYNCED, phase="offline", pending_writes=2, target_request=MAXIMUM))
    assert (sentence.lead, sentence.then) == ("Offline, working locally.", "2 writes wait for the connection.")
    assert (sentence.role, sentence.actions) == (Role.HELD, (Action.GO_ONLINE,))
    assert live(replace(SYNCED, phase="offline")).then == "No writes wait."
    assert live(replace(SYNCED, phase="offline")).role is Role.IDLE


def test_offline_with_uploaded_writes_tells_that_they_are_not_confirmed() -> None:
    sentence = live(replace(SYNCED, phase="offline", target_request=7, seen_request=6))
    assert sentence.then == "All writes are uploaded; the service has not confirmed them yet."


def test_a_lost_connection_tells_the_error_and_the_next_try() -> None:
    sentence = live(replace(SYNCED, phase="waiting", problem=LOST, retry_at=NOW + 3 * NS, attempt=1))
    assert sentence.lead == "The connection was lost."
    assert sentence.then == (
        "The service does not answer. The address refuses connections. Start the service. The next try is in 3 s."
    )
    assert sentence.actions == (Action.TRY_NOW, Action.DISCONNECT)


def test_trying_again_after_a_loss_is_still_a_loss() -> None:
    sentence = live(replace(SYNCED, phase="connecting", problem=LOST, attempt=2, pending_writes=1))
    assert sentence.lead == "The connection was lost."
    assert sentence.then.endswith("Connecting again, attempt 2. 1 local write waits for the connection.")


def test_an_orderly_end_of_the_stream_is_no_loss() -> None:
    sentence = live(replace(SYNCED, phase="connecting", attempt=1))
    assert (sentence.lead, sentence.role) == ("Connecting to localhost:8090.", Role.DATA)


def test_a_token_that_runs_out_tells_where_the_next_one_comes_from() -> None:
    sentence = live(replace(SYNCED, token_expires_at=NOW + 24 * NS))
    assert (sentence.lead, sentence.then) == ("The token ends in 24 s.", "The next one comes from a file.")
    assert sentence.role is Role.IDLE
    assert live(replace(SYNCED, token_expires_at=NOW + 31 * NS)) == live(SYNCED)
    assert live(replace(SYNCED, token_expires_at=NOW - NS)).lead == "The token has ended."


def test_a_token_without_a_next_one_beats_everything_on_an_open_stream() -> None:
    for status in (SYNCED, FIRST_SYNC, HELD, replace(SYNCED, mismatch=MISMATCH)):
        sentence = live(replace(status, token_expires_at=NOW + 24 * NS, token_source=""))
        assert sentence.lead == "The token ends in 24 s."
        assert sentence.then == "No source for the next one is known: connect with a new token to go on syncing."
        assert sentence.role is Role.HELD


def test_a_token_with_a_next_one_interrupts_no_other_state() -> None:
    for status in (FIRST_SYNC, HELD, replace(SYNCED, mismatch=MISMATCH)):
        assert live(replace(status, token_expires_at=NOW + 24 * NS)) == live(status)


def test_disconnected_by_choice_is_idle() -> None:
    sentence = live(replace(SYNCED, phase="idle"))
    assert (sentence.lead, sentence.role) == ("Not connected to localhost:8090.", Role.IDLE)
    assert sentence.actions == (Action.TRY_NOW,)


def test_the_phase_decides_before_the_data() -> None:
    busy = replace(HELD, mismatch=MISMATCH, problem=LOST, receiving=True, token_expires_at=NOW, token_source="")
    refused = replace(busy, phase="refused", problem=replace(LOST, code="PSYNC_S2101"))
    assert live(refused).lead == "The service refuses the token."
    assert live(replace(busy, phase="offline")).lead == "Offline, working locally."
    assert live(replace(busy, phase="idle")).lead == "Not connected to localhost:8090."
    assert live(replace(busy, phase="waiting")).lead == "The connection was lost."


def test_a_dead_engine_offers_a_restart() -> None:
    sentence = describe(EngineGone(Problem("The sync engine stopped.", "It was killed by signal 9.")), NOW)
    assert (sentence.lead, sentence.then) == ("The sync engine stopped.", "It was killed by signal 9.")
    assert sentence.actions == (Action.RESTART_ENGINE,)


def test_a_sound_file_tells_its_last_sync_and_what_was_checked() -> None:
    sentence = describe(FILE, NOW)
    assert sentence.lead == "The last full sync was on 20 Nov, 09:14."
    assert plain(sentence.then) == (
        "26 758 operations in 5 buckets; the tables show 7 320 rows. "
        "Checked 26 758 stored operations in 1.8 s; the file was not changed."
    )
    assert sentence.role is Role.FINE


def file(**changes: object) -> StateSentence:
    return describe(dataclasses.replace(FILE, **changes), NOW)  # type: ignore[arg-type]


def test_a_file_with_held_downloads_tells_since_when_and_behind_what() -> None:
    sentence = file(pending_writes=2, held_operations=9)
    assert sentence.lead == "Nothing new has been shown since 20 Nov, 09:14."
    assert plain(sentence.then) == (
        "2 local writes were never confirmed, and 9 downloaded operations wait behind them. "
        "Checked 26 758 stored operations in 1.8 s; the file was not changed."
    )
    assert sentence.role is Role.BROKEN


def test_a_file_with_local_writes_says_what_it_does_not_know() -> None:
    sentence = file(pending_writes=1)
    assert sentence.lead == "1 local write was not uploaded."
    assert "When it was made and what the backend answered is not in this file." in sentence.then


def test_a_file_with_a_closed_gate_tells_the_request() -> None:
    sentence = file(target_request=7, seen_request=6)
    assert sentence.lead == "The service has not confirmed the uploads."
    assert "checkpoint request 7 was made; the last one seen is 6." in sentence.then
    assert "no checkpoint request followed" in file(target_request=MAXIMUM).then
    assert file(target_request=7, held_operations=9).lead == "Nothing new has been shown since 20 Nov, 09:14."


def test_a_file_that_never_synced_is_not_given_a_time() -> None:
    sentence = file(last_synced_at=None, checked=None)
    assert sentence.lead == "No full sync is recorded."
    assert sentence.then.endswith("The checks are running.")
    stopped = file(last_synced_at=None, checked=Checked(FINE, 0.4, 12, 44))
    assert stopped.then.endswith("12 checks ran in 0.4 s, 44 did not; the file was not changed.")
    assert file(last_synced_at=None, pending_writes=2, held_operations=9).lead == "No full sync has been shown."


def test_a_file_with_problems_leads_with_the_worst() -> None:
    problems = (
        FileProblem("Table ps_oplog is damaged.", "A page is not readable."),
        FileProblem("The WAL is cut off."),
    )
    sentence = file(problems=problems, pending_writes=2)
    assert sentence.lead == "Table ps_oplog is damaged."
    assert sentence.then.startswith("A page is not readable. 1 further problem was found. Checked")


def test_a_file_that_not_all_checks_could_read_says_how_many_did() -> None:
    problems = (FileProblem("Table ps_oplog is damaged.", "A page is not readable."),)
    sentence = file(problems=problems, checked=Checked(FINE, 0.4, 12, 44))
    assert sentence.then.endswith("12 checks ran in 0.4 s, 44 did not; the file was not changed.")


def test_a_capture_tells_what_became_of_its_last_checkpoint() -> None:
    sentence = describe(CAPTURE, NOW)
    assert sentence.lead == "The last checkpoint, 1607, was applied."
    assert plain(sentence.then) == (
        "48 112 frames and 9.1 MB from 2 connections, 13:58 to 14:02. The checks are running."
    )
    checked = dataclasses.replace(CAPTURE, checked=Checked(FINE, 0.4, 32))
    assert describe(checked, NOW).then.endswith(" 32 checks ran in 0.4 s; the file was not changed.")
    written = dataclasses.replace(CAPTURE, checked=Checked(FINE, 0.4, 32, written_since=True))
    told = describe(written, NOW)
    assert told.then.startswith(
        "The file was written since it was opened, and this is about what it was: open it again"
    )
    assert told.then.endswith(" 32 checks ran in 0.4 s.")
    assert (told.role, told.actions) == (Role.HELD, (Action.REOPEN,))
    assert sentence.role is Role.FINE


def test_a_capture_with_mismatches_leads_with_them() -> None:
    sentence = describe(CaptureFile("a", 10, 100, 1, last_checkpoint=7, last_outcome="applied", mismatches=1), NOW)
    assert (sentence.lead, sentence.role) == ("Buckets did not match their checksums 1 time.", Role.BROKEN)


def test_a_capture_whose_buckets_are_being_rebuilt_says_how_far_that_is() -> None:
    sentence = describe(dataclasses.replace(CAPTURE, rebuilding=Rebuilding(12_000, 48_112)), NOW)
    assert plain(sentence.then).startswith("Buckets and data are being rebuilt: 12 000 of 48 112 frames. ")
    assert sentence.actions == (Action.STOP_REBUILDING,)
    assert sentence.lead == describe(CAPTURE, NOW).lead


def test_an_empty_capture_says_so() -> None:
    assert describe(CaptureFile("a", 0, 100, 1), NOW).lead == "The capture holds no frames."
    assert describe(CaptureFile("a", 3, 100, 1), NOW).lead == "The capture holds no checkpoint."


def test_an_unreadable_file_gives_cause_and_next_step() -> None:
    problem = Problem(
        "notes.txt is no database.", "It begins with other bytes.", "Open a client database or a capture."
    )
    sentence = describe(Unreadable(problem), NOW)
    assert sentence.lead == "notes.txt is no database."
    assert sentence.then == "It begins with other bytes. Open a client database or a capture."
    assert sentence.actions == (Action.OPEN_FILE,)


def situations() -> Iterator[Situation]:
    yield from (NothingOpen(), Opening("a.db"), EngineGone(LOST), Unreadable(LOST), CAPTURE)
    phases = ("idle", "connecting", "connected", "waiting", "refused", "offline", "stopped")
    bases = (SYNCED, FIRST_SYNC, HELD, Status("idle", "http://localhost:8090"))
    odd = Problem("  It is broken\nhere", "Why\tnot", "", "401")
    for phase, base, problem, mismatch, writes, gate, source, at, checkpoint in product(
        phases, bases, (None, LOST, odd), (None, MISMATCH), (0, 1, 2), (None, 7, MAXIMUM), ("", "a command"),
        (None, NOW, NOW + 9 * NS, NOW - 3600 * NS), (None, 1610),
    ):  # fmt: skip
        yield Live(
            replace(
                base, phase=phase, problem=problem, mismatch=mismatch, pending_writes=writes, target_request=gate,
                token_source=source, token_expires_at=at, retry_at=at, waiting_since=at, checkpoint=checkpoint,
            )
        )  # fmt: skip
    for writes, gate, seen, synced, held, problems in product(
        (0, 1, 2),
        (None, 7, MAXIMUM),
        (None, 6),
        (None, FILE.last_synced_at),
        (0, 1, 9),
        ((), tuple(FileProblem(it.what, it.why, it.next_step) for it in (LOST, odd))),
    ):
        yield DatabaseFile(
            "a.db", None, synced, 1, 1, 1, pending_writes=writes, target_request=gate, seen_request=seen,
            held_operations=held, problems=problems,
        )  # fmt: skip
    for outcome in ("applied", "partial", "held", "skipped", "mismatch", "interrupted", "receiving", "superseded", "x"):
        yield CaptureFile("a", 1, 1, 1, NOW - 3 * 86_400 * NS, NOW, 7, outcome)


@pytest.fixture(scope="module")
def every_sentence() -> set[StateSentence]:
    return {describe(situation, NOW) for situation in situations()}


def test_every_sentence_keeps_the_wording_rules(every_sentence: set[StateSentence]) -> None:
    for sentence in every_sentence:
        text = f"{sentence.lead} {sentence.then}".rstrip()
        assert sentence.lead.endswith("."), sentence
        assert not sentence.then or sentence.then.endswith("."), sentence
        assert not re.search(r"  |[!\n\t]|\.\.| \.|None|please|oops|successfully", text), sentence
        assert str(MAXIMUM) not in text, sentence
        assert not re.search(r"\b1 (?:local )?(?:writes|operations|rows|buckets|frames|connections)\b", text), sentence
        assert not re.search(r"\d{5}", text), sentence


def test_something_broken_always_gives_a_cause(every_sentence: set[StateSentence]) -> None:
    assert all(sentence.then for sentence in every_sentence if sentence.role in (Role.BROKEN, Role.HELD))


def test_an_armed_fault_is_named_before_the_cause() -> None:
    fault = FaultStatus("wrong-bucket-checksum", "Wrong bucket checksum", armed=True, concerns_us=True)
    status = replace(SYNCED, mismatch=MISMATCH, faults=(fault,))
    words = describe(Live(status), NOW)
    assert words.lead == 'Bucket my_todos["user-1"] did not match its checksum.'
    assert words.then.startswith("A fault is armed: wrong bucket checksum, it has not struck yet. It was deleted")
    status = replace(SYNCED, faults=(replace(fault, struck_since_armed=2, strikes=7),))
    assert describe(Live(status), NOW).then == (
        "A fault is armed: wrong bucket checksum, struck 2 times. The last change came 3 s ago."
    )
    status = replace(SYNCED, faults=(replace(fault, title="HTTP 500"), replace(fault, struck_since_armed=1)))
    assert describe(Live(status), NOW).then.startswith(
        "2 faults are armed: HTTP 500, wrong bucket checksum; struck 1 time."
    )


def test_a_fault_that_is_over_is_named_while_its_traces_may_show() -> None:
    fault = FaultStatus("stall", "Stall", strikes=1, struck_us_at=NOW - 5 * NS)
    assert describe(Live(replace(SYNCED, faults=(fault,))), NOW).then.startswith(
        "An injected fault struck 5 s ago and is over: stall."
    )
    while_fine = replace(fault, struck_us_at=NOW - 20 * NS)
    assert describe(Live(replace(SYNCED, faults=(while_fine,))), NOW) == describe(Live(SYNCED), NOW)
    held = describe(Live(replace(HELD, faults=(while_fine,))), NOW)
    assert held.then.startswith("An injected fault struck 20 s ago and is over: stall.")
    old = replace(fault, struck_us_at=NOW - 60 * NS)
    assert describe(Live(replace(SYNCED, faults=(old,))), NOW) == describe(Live(SYNCED), NOW)


def test_a_fault_for_somebody_else_is_not_ours() -> None:
    fault = FaultStatus("stall", "Stall", armed=True, user="bob", strikes=3, struck_since_armed=3)
    assert describe(Live(replace(SYNCED, faults=(fault,))), NOW) == describe(Live(SYNCED), NOW)


def test_a_demo_service_that_has_ended_is_said_before_anything_else() -> None:
    gone = Problem("The demo's service stopped.", "Its process was ended by signal 9.", "Start it again.")
    for status in (HELD, replace(HELD, phase="offline"), replace(HELD, phase="waiting", problem=LOST)):
        assert describe(Live(status, gone), NOW) == StateSentence(
            "The demo's service stopped.",
            "Its process was ended by signal 9. Start it again. 2 local writes wait for it.",
            Role.BROKEN,
            (Action.RESTART_SERVICE,),
        )
