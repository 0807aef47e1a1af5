"""Documents too large to hold: their elements are those that a whole reader finds, wherever pieces are cut."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.errors import FormatError
from hashmatch.formats import json_stream
from hashmatch.formats.json_stream import ELEMENT_BYTES, read_elements
from hashmatch.formats.source import Source

FLAT, DEEP = ("value",), ("value", "Media")


def raw_of(content: bytes, path: Sequence[str] = FLAT) -> list[bytes | None]:
    return [element.raw for element in read_elements(Source(content=content), path)]


def parsed(content: bytes, path: Sequence[str] = FLAT) -> list[object]:
    return [json.loads(raw or b"") for raw in raw_of(content, path)]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='a"\\{}[],: \né\U0001f600', max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
RECORD = st.dictionaries(st.text(alphabet='ab"\\{]', max_size=3), JSON, max_size=4) | st.lists(JSON, max_size=3)
OTHERS = st.dictionaries(st.sampled_from(["a", "Media", "values", 'value"', "{", "x\\"]), JSON, max_size=3)


@given(records=st.lists(RECORD, max_size=5), before=OTHERS, after=OTHERS, size=st.integers(1, 40), dense=st.booleans())
def test_elements_are_those_that_a_whole_reader_finds(
    records: list[object], before: dict[str, object], after: dict[str, object], size: int, dense: bool
) -> None:
    # The text of an array is put in by hand: its key may stand once only.
    array = json.dumps(records, indent=None if dense else 2, ensure_ascii=dense)
    head, tail = (json.dumps(fields, ensure_ascii=dense)[1:-1] for fields in (before, after))
    text = "{" + (head and head + ",") + ' "value" : ' + array + (tail and "," + tail) + "}\n"
    content = text.encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "_PIECE_BYTES", size)
        assert parsed(content) == json.loads(text)["value"]


@given(cases=st.lists(st.tuples(OTHERS, st.lists(RECORD, max_size=3)), max_size=4), size=st.integers(1, 40))
def test_arrays_within_the_objects_of_an_array(cases: list[tuple[dict[str, object], list[object]]], size: int) -> None:
    document = {"value": [{**{k: v for k, v in case.items() if k != "Media"}, "Media": m} for case, m in cases]}
    content = json.dumps(document).encode()
    expected = [record for _, records in cases for record in records]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "_PIECE_BYTES", size)
        if cases:
            assert parsed(content, DEEP) == expected
        else:
            with pytest.raises(FormatError, match="has no array 'value\\[\\]\\.Media'"):
                raw_of(content, DEEP)


def test_an_element_says_what_stands_before_its_array() -> None:
    content = b'{"x": {"y": [1]}, "value": [{"id": 1, "Media": [{}, []]}, {"id": 2, "n": {"a": []}, "Media": [{}]}]}'
    befores = [element.before for element in read_elements(Source(content=content), DEEP)]
    assert [json.loads(before + b"0}") for before in befores] == [
        {"id": 1, "Media": 0},
        {"id": 1, "Media": 0},
        {"id": 2, "n": {"a": []}, "Media": 0},
    ]
    (flat, *_) = read_elements(Source(content=content), FLAT)
    assert json.loads(flat.before + b"null}") == {"x": {"y": [1]}, "value": None}


def test_what_is_neither_object_nor_array_comes_as_it_stands() -> None:
    assert raw_of(b'{"value": [1, 2, {"a": 1}, "}", {"b": 1}, null]}') == [
        b"1, 2",
        b'{"a": 1}',
        b'"}"',
        b'{"b": 1}',
        b"null",
    ]
    assert raw_of(b'{"value": [3, {"Media": [{}]}, [4], {"Media": []}]}', DEEP) == [b"3", b"{}", b"[4]"]


def test_the_key_that_counts_is_the_one_at_the_top() -> None:
    assert raw_of(b'{"a": {"value": [{}]}, "b": [{"value": [{}]}], "value": [[1]]}') == [b"[1]"]
    assert raw_of(b'{"value": {"value": [{}]}, "value": [{"x": 1}], "value": [{"x": 2}]}') == [b'{"x": 1}', b'{"x": 2}']


def test_an_element_that_is_too_long_comes_as_none_and_the_next_goes_on() -> None:
    long = b'{"a": "' + b"x" * (ELEMENT_BYTES - 9) + b'"}'
    assert len(long) == ELEMENT_BYTES
    assert raw_of(b'{"value": [' + long + b", " + long[:-1] + b" }, {}]}") == [long, None, b"{}"]


def test_an_element_that_is_no_json_spoils_no_other() -> None:
    assert raw_of(b'{"value": [{"a": NaN}, {"a": \xff}, {a b c}, {"a": ' + b"9" * 9999 + b"}, {}]}")[::4] == [
        b'{"a": NaN}',
        b"{}",
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "has no array 'value'"),
        (b"[]", "has no array 'value'"),
        (b'x{"value": [{}]}', "has no array 'value'"),
        (b'{"value": {}}', "has no array 'value'"),
        (b'{"value": [{}, {"a": 1', "ends before its end"),
        (b'{"value": [{}]', "ends before its end"),
        (b'{"value": [{}], "a', "ends before its end"),
        (b'{"value": [{}]} {"value": [{}]}', "goes on after the end"),
        (b'{"value": [{}]}, 3', "goes on after the end"),
        (b'{"value": [{}]}]', "goes on after the end"),
        (b'{"value": [{}}]', "a bracket closes that was not opened"),
        (b'}{"value": []}', "a bracket closes that was not opened"),
        (b'{"a": "' + b"x" * ELEMENT_BYTES, f"{ELEMENT_BYTES} bytes without a record"),
        (b'{"value": [' + b"1," * ELEMENT_BYTES, f"{ELEMENT_BYTES} bytes without a record"),
        (b'{"value":[' + b"[" * 3_000_000, "ends before its end"),
        (b'{"a":' * 1_000_000, "bytes without a record"),
    ],
)
def test_what_is_no_such_document(content: bytes, reason: str) -> None:
    with pytest.raises(FormatError, match=rf"^\(bytes\) .*{reason}"):
        raw_of(content)
