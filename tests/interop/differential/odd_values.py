"""Rows, ids, types and lines as no well-behaved service sends them, and as clients must take them all the same."""

from typing import Any

ODD_ROWS = (
    '{"name": {"a": [1, 2.0, null]}, "n": 1.0}',
    '{"n": 1e3, "x": -0}',
    '{"n": 12345678901234567890, "x": 1e400}',
    '{"name":true,"n":false}',
    '{"name":"\\ud83d\\ude00\\u00e9","n":9223372036854775807}',
    '{"name" : "spaced" }',
    '{"name":"a","name":"b"}',
    '{"x":1.2345678901234567,"n":-9223372036854775808,"extra":[{"z":1e-7,"a":-3.3333333e-16}]}',
    '{"n":"\\u0000","z":2,"a":1}',
    '{"name":"\\ud83d","n":1}',
    '{"name":"\\udc00\\ud800"}',
    '{"x":-0.0,"n":-0.0,"name":-0.0}',
    '{"x":1.0,"n":1,"name":1.0}',
    '{"x":1e-400,"n":5e-324,"name":1E5}',
    '{"n":18446744073709551615,"x":18446744073709551616,"name":-9223372036854775809}',
    '{"name":' + "[" * 120 + "]" * 120 + "}",
    '{"name":' + "[" * 200 + "]" * 200 + "}",
    '{"a.b":1,"name":"\\"","\\u006e":2,"":3,"n ame":4}',
    '{"name":"x\u2028y\ufeff\u0085","n":null}',
    '{"name":"\\/\\b\\f\\n\\r\\t"}',
    "  {}\n",
    "{}",
    "[]",
    "[1]",
    "null",
    '"text"',
    "5",
    "",
    "no json",
    '{"name":"cut of',
    '{"name":1,}',
    "{'name':1}",
    '{"n":01}',
    '{"n":.5,"x":+1,"name":0x10}',
    '{"n":NaN,"x":Infinity}',
    '{"name":"raw\ttab"}',
    '{"name":"x"} trailing',
    '\ufeff{"name":"x"}',
)
ODD_IDS = ("", "a/b", "1/k", "1/null", "x\0y", "q\"'", "\u00e9", "e\u0301", "01", "A", "a" * 300, "\n", "[1]", "null")
ODD_TYPES = ("", "Lists", "drafts", "tasks", "logs", "lists/1", 'we"ird', "ps_data__lists", "my_notes", "x\0y", "null")
ODD_SUBKEYS = ("", "null", "k/null", "null/k", "é", "x\0y", "5")
ODD_BUCKETS = ("", "$local", "q\"'", "é\0", '1#c["x"]|1', "A", "null")
PASSED_OVER: tuple[dict[str, Any], ...] = (
    {"a_new_kind": {"checkpoint": {"last_op_id": "7"}}},
    {"a_new_kind": None},
    {"stream_hint": [1, {"a": 2.5}]},
)
"""Lines of kinds that no client knows."""
EXTRA_FIELDS: tuple[dict[str, Any], ...] = ({}, {}, {}, {"new_field": {"a": [1, None, "x"]}}, {"target_op": "12"})
