"""Checks of why buckets did not match their checksums, where the recording is sure of it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from inspector.analysis.checks.recent import once
from inspector.analysis.checks.recorded_evidence import frame_evidence
from inspector.analysis.finding_types import (
    RECORDED,
    Certainty,
    Check,
    Evidence,
    Finding,
    Material,
    Needs,
    capture_of,
)
from inspector.analysis.mismatch_cause import Cause, MismatchCause, cause_of
from inspector.analysis.situations import Live, Role
from inspector.capture.reader import CaptureReader
from inspector.capture.rows import MismatchRow
from inspector.protocol.buckets import parse_bucket_name
from inspector.protocol.checksums import MASK
from inspector.words import plural, thousands

_MOST, _AT_ONCE = 50, 2
"""Mismatches that are looked into, and of a session that goes on those that are in one go."""


class MismatchCauses:
    """Each mismatch is looked into once, and told by its bucket and its cause."""

    def __init__(self) -> None:
        self._looked_into: set[int] = set()
        self._causes: dict[tuple[str, Cause], list[MismatchCause]] = defaultdict(list)

    def __call__(self, material: Material) -> Iterator[Finding]:
        reader = capture_of(material)
        waiting = [each for each in reader.mismatches()[-_MOST:] if each.id not in self._looked_into]
        for mismatch in waiting[:_AT_ONCE] if isinstance(material.situation, Live) else waiting:
            cause = cause_of(reader, mismatch)
            self._looked_into.add(mismatch.id)
            material.progress.add()
            if cause is not None:
                self._causes[mismatch.bucket, cause.cause].append(cause)
        for found in self._causes.values():
            yield _finding(found)


def mismatches(material: Material) -> Iterator[Finding]:
    """Buckets that failed validation."""
    reader = capture_of(material)
    by_bucket: dict[str, list[MismatchRow]] = defaultdict(list)
    for each in reader.mismatches():
        by_bucket[each.bucket].append(each)
    applied = reader.ask("SELECT max(published_at) FROM checkpoints WHERE published_at IS NOT NULL")[0][0] or 0
    for bucket, failed in by_bucket.items():
        short = parse_bucket_name(bucket).short
        again, healed = len(failed) > 1, applied > failed[-1].found_at
        yield Finding(
            f"checksums/mismatch/{bucket}",
            f"Bucket {short} did not match its checksum{'; it does now' if healed else ''}",
            f"{plural(len(failed), 'time')} in this capture"
            f"{': it is downloaded again and again' if again and not healed else ''}.",
            Role.HELD if healed else Role.BROKEN,
            Certainty.CERTAIN,
            "What was downloaded is not what the service counts. The client deletes the bucket and downloads it again,"
            " so the app's data are right afterwards; it costs the download.",
            "Compare the downloads in Checksums: they name the operations, and whether the client or what came before"
            " it is to blame."
            if again
            else "Once may be chance. If it comes again, compare both downloads in Checksums: they name the"
            " operations.",
            tuple(
                Evidence(
                    f"checkpoint {each.checkpoint}",
                    f"{short}: {each.expected:#010x} expected, here"
                    f" {(each.add_checksum + each.op_checksum) & MASK:#010x}",
                    "checksums",
                    bucket,
                    frame=each.frame,
                )
                for each in failed[-3:]
            ),
        )


def all_at_once(material: Material) -> Iterator[Finding]:
    """Every bucket fails at one checkpoint: another history under the same names."""
    reader = capture_of(material)
    groups: dict[tuple[int, int], list[MismatchRow]] = defaultdict(list)
    for each in reader.mismatches()[-1_000:]:
        if each.frame is not None:
            groups[each.connection, each.frame].append(each)
    for (_, frame), failed in groups.items():
        if len(failed) < 2 or {each.bucket for each in failed} != _filled(reader, failed[0]):
            continue
        yield Finding(
            f"checksums/all-at-once/{frame}",
            f"All {thousands(len(failed))} buckets failed their checksums at once",
            f"At checkpoint {failed[0].checkpoint}.",
            Role.HELD,
            Certainty.LIKELY,
            "The service has made its buckets anew under the same names, as after a new sync config or a restored"
            " storage: the client's history is another one, so it deletes all and downloads them again. Once is how it"
            " is meant; progress starts over.",
            "Deploy with versioned bucket ids, so that clients see other buckets instead of failing ones.",
            (frame_evidence(frame, f"{thousands(len(failed))} buckets failed", failed[0].bucket),),
        )
        return


def _filled(reader: CaptureReader, mismatch: MismatchRow) -> set[str]:
    """The buckets that have operations at a mismatch's checkpoint."""
    at = reader.evidence.differed_at(mismatch)
    expected = {} if at is None else reader.expected_buckets(at.checkpoint)
    return {name for name, bucket in expected.items() if bucket.count != 0}


@dataclass(frozen=True, slots=True)
class _Words:
    """Of a cause; `{what}`, `{bucket}`, `{came}` and `{announced}` stand for what it is about."""

    name: str
    title: str
    summary: str
    meaning: str
    next_step: str


_WORDS = {
    Cause.TOO_EARLY: _Words(
        "too-early",
        "{what} was called complete before {bucket} was",
        "{came} of {announced} had come.",
        "The service says that all is there while data are still to come. The client adds up what it has, finds too"
        " little, deletes the bucket and downloads it again. Services before 1.20.5 did so where a subscription has a"
        " priority of its own.",
        "Update the service. Until then give the stream its priority in the sync config, not in the subscription.",
    ),
    Cause.MISSING: _Words(
        "missing",
        "Operations of {bucket} did not come",
        "{came} of {announced} had come when it was called complete.",
        "The service counts more operations than it sent: it has lost some, or sends them too late. The client cannot"
        " match the checksum, and downloads the bucket again.",
        "Look in Checksums which ones are in the fresh download, and in the service's log at that time.",
    ),
    Cause.TWICE: _Words(
        "twice",
        "Operations of {bucket} came more than once",
        "The client counted {came}, and the checkpoint {announced}.",
        "Each counts in the sum, so the client has more than was announced and downloads the bucket again.",
        "Look what repeats lines: the service, or something on the way that tries again.",
    ),
    Cause.ANNOUNCED_WRONG: _Words(
        "announced-wrong",
        "The announced checksum of {bucket} is not that of its operations",
        "{announced} came, as announced, and none of them was altered.",
        "What came is whole, and adds up to another sum than the checkpoint announces: the service has it wrong, and"
        " the download fails again and again. Services before 1.13.1 and 1.15.3 did so for very large buckets.",
        "Update the service, and have it compact the bucket or make it anew.",
    ),
    Cause.CLIENT_LOST: _Words(
        "client-lost",
        "The client lost data of {bucket} after they had come",
        "The recorded lines add up to the announced checksum.",
        "Service and network did what they should; what the client has stored adds up to something else. The JavaScript"
        " SDK 1.53.0 skipped lines.",
        "Update the SDK, and look whether two clients write into one database.",
    ),
}


def _finding(found: list[MismatchCause]) -> Finding:
    last = found[-1]
    bucket, words = last.mismatch.bucket, _WORDS[last.cause]
    names = {
        "what": f"Checkpoint {last.mismatch.checkpoint}" if last.priority is None else f"Priority {last.priority}",
        "bucket": parse_bucket_name(bucket).short,
        "came": thousands(last.came),
        "announced": plural(last.announced, "operation"),
    }
    unsure = last.cause is Cause.ANNOUNCED_WRONG and not last.checked
    return Finding(
        f"checksums/{words.name}/{bucket}",
        words.title.format_map(names),
        words.summary.format_map(names) + (f" It was so {plural(len(found), 'time')}." if len(found) > 1 else ""),
        Role.BROKEN,
        Certainty.LIKELY if unsure else Certainty.CERTAIN,
        words.meaning,
        words.next_step,
        tuple(_evidence(each) for each in found[-3:]),
    )


def _evidence(each: MismatchCause) -> Evidence:
    came = f"{thousands(each.came)} of {plural(each.announced, 'operation')}"
    return Evidence(
        f"checkpoint {each.mismatch.checkpoint}", came, "checksums", each.mismatch.bucket, frame=each.mismatch.frame
    )


CHECKS = (
    Check(
        "checksums/cause",
        "Why buckets did not match",
        "the lines of each bucket that failed",
        RECORDED,
        once(MismatchCauses),
        Needs.CAPTURE,
        follow=MismatchCauses,
    ),
    Check(
        "checksums/all-at-once",
        "All buckets that fail together",
        "the buckets that failed, checkpoint by checkpoint",
        RECORDED,
        all_at_once,
        Needs.CAPTURE,
    ),
    Check(
        "checksums/mismatch",
        "Buckets that did not match their checksum",
        "every complete checkpoint",
        RECORDED,
        mismatches,
        Needs.CAPTURE,
    ),
)
