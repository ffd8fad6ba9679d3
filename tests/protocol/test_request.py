"""A request's body is that of the official clients, field by field."""

import json

from inspector.protocol.request import BucketPosition, RequestedSubscription, StreamRequest, StreamsRequest
from tests.recordings import CAPTURES

RECORDED = CAPTURES / "client-sessions" / "legacy" / "log.ndjson"


def test_the_body_has_the_fields_of_a_recorded_one_in_its_order() -> None:
    entries = map(json.loads, RECORDED.read_text().splitlines())
    bodies = [entry["request"]["body"] for entry in entries if "request" in entry]
    recorded = next(body for body in bodies if body and body["streams"]["subscriptions"] and body["parameters"] == {})
    streams = recorded["streams"]
    request = StreamRequest(
        buckets=tuple(BucketPosition(bucket["name"], bucket["after"]) for bucket in recorded["buckets"]),
        client_id=recorded["client_id"],
        streams=StreamsRequest(
            streams["include_defaults"],
            tuple(
                RequestedSubscription(one["stream"], one["parameters"], one["override_priority"])
                for one in streams["subscriptions"]
            ),
        ),
    )
    ours = json.loads(request.encode())
    assert ours == recorded
    assert list(ours) == list(recorded)
