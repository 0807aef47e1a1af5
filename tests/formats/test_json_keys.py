from __future__ import annotations

import pytest

from hashmatch.formats.json_keys import record_keys
from hashmatch.formats.source import HEAD_BYTES


@pytest.mark.parametrize(
    ("head", "keys"),
    [
        (b"", set()),
        (b"a,b", set()),
        (b"[1, 2]", set()),
        (b'"a": 1', set()),
        (b' [ {"a": 1}, {"b": 2}]', {"a"}),
        (b'{"a": 1}\n{"b": 2}', {"a"}),
        (b'{"data": [{"z": {"deep": [{"deeper": 1}]}, "id": 1}, {"type": 2}], "paging": {"after": 3}}', None),
        (b'[{"data": [{"id": 1, "type": 2', None),
        (b'{"data": [{"id": "\\"x\\": {", "type"  :', None),
        (b'{"a": ["b", "c"], "d": [["e"], [{"f": 1}]]}', {"a", "d"}),
        (b'{"a": "unclosed \\', {"a"}),
        (b'{"\xff": 1}', {"\ufffd"}),
        (b'{"a": 1}}}{"b": 1', {"a"}),
    ],
)
def test_the_keys_of_a_page_and_of_its_records_are_found_and_no_others(head: bytes, keys: set[str] | None) -> None:
    found = record_keys(head)
    assert found == keys if keys is not None else found - {"z", "paging"} == {"data", "id", "type"}


@pytest.mark.parametrize("unit", [b'\\"', b'"a":[', b"[", b'"', b"}", b'"a":1,', b'{"a":', b"\\"])
def test_a_beginning_of_one_thing_again_and_again_is_read_through(unit: bytes) -> None:
    assert record_keys(b'{"a": "' + unit * (HEAD_BYTES // len(unit))) == {"a"}
    assert record_keys(b"{" + unit * (HEAD_BYTES // len(unit))) <= {"a"}
