"""ThreatExchange's feed from strangers: what is bad spoils nothing else, and costs little."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from hashmatch.algorithms import ALGORITHMS
from hashmatch.checking import check
from hashmatch.errors import FormatError
from hashmatch.formats import FORMATS
from hashmatch.formats.source import Source

from .samples import OPTIONS, as_lines, read, rejects_of, rows_of
from .samples_exchanges import PDQ, descriptor, page, update

ONE, TWO = update(id="1"), update(id="2")


def document(*updates: dict[str, object]) -> bytes:
    return json.dumps(page(*updates)).encode()


BAD: dict[str, dict[str, object]] = {
    "an array as last_updated": {"last_updated": [1]},
    "an object as id": {"id": {"a": 1}},
    "no hash": {"indicator": " " * 0},
    "an array as indicator": {"indicator": [PDQ]},
    "an array as type": {"type": ["HASH_PDQ"]},
    "as withdrawn, where true or false is meant": {"should_delete": "perhaps"},
    "the descriptors are no list": {"descriptors": {"data": {"a": 1}}},
    "the descriptors are no list ": {"descriptors": 5},
    "a descriptor is something else than an object": {"descriptors": {"data": [5]}},
    "the tags are no list": {"tags": "a,b"},
    "an array as a tag": {"tags": [["a"]]},
    "an object as status": {"status": {}, "descriptors": {"data": [{"id": "9"}]}},
    "an array as share_level": {"descriptors": [descriptor(share_level=["RED"])]},
    "an array as severity": {"descriptors": [descriptor(severity=[])]},
    "the reactions are no list": {"descriptors": [descriptor(reactions="HELPFUL")]},
    "a reaction is something else than an object": {"descriptors": [descriptor(reactions=["HELPFUL"])]},
    "an array as the members that reacted": {"descriptors": [descriptor(reactions=[{"key": "HELPFUL", "value": []}])]},
}


@pytest.mark.parametrize("reason", BAD)
def test_a_bad_update_is_a_reject_with_number_and_id_and_the_next_goes_on(reason: str) -> None:
    (chunk,) = read("threatexchange", document(ONE, update(**{"id": "7", **BAD[reason]}), TWO))
    assert chunk.rows.column("source_id").to_pylist() == ["1", "2"]
    (reject,) = chunk.rejects
    assert reject.line == 2
    assert reason.strip() in reject.reason
    assert reject.source_id == (None if "id" in BAD[reason] else "7")


Spoil = Callable[[bytes], bytes]
SPOILT: dict[str, Spoil] = {
    "NaN": lambda one: one.replace(b"1601513796", b"NaN"),
    "a number beyond all measure": lambda one: one.replace(b"1601513796", b"1e400"),
    "a line that is cut": lambda one: one[: len(one) // 2],
    "bytes that are no UTF-8": lambda one: one.replace(b"Example Member", b"\xff\xfe"),
    "a depth bomb": lambda one: one.replace(b'"Example Member"', b"[" * 5000),
    "closed depth": lambda one: one.replace(b'"Example Member"', b"[" * 500 + b"]" * 500),
    "no object": lambda one: b"[1]",
    "a page whose data are no list": lambda one: b'{"data": {"id": 1}}',
    "half a surrogate": lambda one: one.replace(b"Example Member", b"\\ud800"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_a_spoilt_line_spoils_no_other(what: str) -> None:
    bad = SPOILT[what](as_lines(update(id="7")).strip())
    content = as_lines(ONE) + bad + b"\r\n" + as_lines(TWO)
    assert [row["source_id"] for row in rows_of("threatexchange", content)] == ["1", "2"]
    ((line, reason),) = rejects_of("threatexchange", content)
    assert line == 2
    assert "\n" not in reason
    assert len(reason) < 300


LONG = "Error validating access token: " + "the session has expired, " * 20


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        ({"message": "Session has expired", "type": "OAuthException", "code": 190}, "Session has expired"),
        ("Session has expired", "Session has expired"),
        ({"message": "one\ntwo\u001b[31m\u202e"}, r"one\ntwo\x1b[31m\u202e"),
        ({"message": LONG}, f"{LONG[:97]}..."),
        ({"message": "x" * 100}, "x" * 100),
        ({"code": 190}, "it does not say which"),
        (None, "it does not say which"),
        ([1], "it does not say which"),
    ],
)
def test_an_error_of_the_service_in_the_place_of_a_page_is_named_as_such(error: object, shown: str) -> None:
    pages = [page(ONE), {"error": error}, page(TWO)]
    for content in (as_lines(*pages), json.dumps(pages).encode()):
        assert [row["source_id"] for row in rows_of("threatexchange", content)] == ["1", "2"]
        assert rejects_of("threatexchange", content) == [(2, f"the service answered with an error: {shown}")]


def test_a_file_that_is_nothing_but_an_error_is_a_format_error_that_says_so() -> None:
    with pytest.raises(FormatError, match="the service answered with an error: Session has expired"):
        read("threatexchange", as_lines({"error": {"message": "Session has expired"}}))


def test_an_update_may_have_a_field_of_that_name() -> None:
    (row,) = rows_of("threatexchange", as_lines(update(error="none")))
    assert (row["source_id"], json.loads(str(row["extra"]))["error"]) == ("2819000000000001", "none")


def test_of_equal_keys_the_last_counts() -> None:
    content = as_lines(ONE, TWO).replace(b'"id": "1",', b'"id": "1", "id": "3",')
    assert [row["source_id"] for row in rows_of("threatexchange", content)] == ["3", "2"]


def test_many_keys_many_tags_and_many_members_cost_little() -> None:
    wide = update(**{f"key{n}": n for n in range(20_000)})
    tagged = update(tags=[f"tag{n}" for n in range(20_000)])
    liked = update(descriptor(reactions=[{"key": "HELPFUL", "value": ",".join(map(str, range(50_000)))}]))
    rows = rows_of("threatexchange", document(wide, tagged, liked))
    assert 20_000 < len(str(rows[0]["extra"])) < 32_000
    assert len(rows[1]["labels"]) == 20_002  # type: ignore[arg-type]
    assert rows[2]["opinion"] == "positive"


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[1, 2]", b"7", document(ONE)[:-5], b'{"data": 5}', b"[" * 100_000, b"\x00\x01" * 99, b'{"data":'],
)
def test_what_is_no_feed_is_a_format_error(content: bytes) -> None:
    with pytest.raises(FormatError, match=r"^\(bytes\) [^\n]+$"):
        list(FORMATS["threatexchange"].read(Source(content=content), OPTIONS))


@pytest.mark.parametrize(
    "content",
    [
        b'{"type": "bundle", "objects": [{"type": "indicator", "id": "indicator--1"}]}',
        b'{"data": [{"id": "1", "name": "x"}], "paging": {}}',
        b'{"data": [], "total": 0}',
        b'{"data": {"data": []}}',
        b'{"data": [5]}',
        b'{"type": "HASH_PDQ", "hash": "x", "last_updated": 1}',
    ],
)
def test_other_json_is_not_taken_for_a_feed(content: bytes) -> None:
    assert not FORMATS["threatexchange"].recognises(Source(content=content), ALGORITHMS)


def test_a_hash_is_taken_even_if_its_descriptors_are_too_long_to_keep() -> None:
    descriptors = [descriptor(description="x" * 1000, owner={"id": str(n)}) for n in range(10_000, 10_050)]
    (row,) = rows_of("threatexchange", document(update(*descriptors, other=1)))
    assert json.loads(str(row["extra"])) == {"other": 1, "left_out": ["descriptors"]}
    assert (row["digest"], row["opinion"]) == (PDQ, "positive")


@pytest.mark.parametrize("silent", [True, False])
def test_so_is_one_beside_which_anything_too_long_stands(silent: bool) -> None:
    stated = update(other=1, note="x" * 32_000)
    if silent:
        del stated["descriptors"]
    (chunk,) = read("threatexchange", as_lines(stated))
    checked = check(chunk.rows, None)
    assert checked.rejects == ()
    assert json.loads(checked.rows.column("extra")[0].as_py())["left_out"] == ["note"]


def test_a_file_that_begins_with_a_hundred_updates_of_other_types_is_in_the_format() -> None:
    content = as_lines(*[update(type="HASH_TMK", id=str(n)) for n in range(150)], ONE)
    assert [row["line"] for row in rows_of("threatexchange", content)] == [151]
    assert len(rejects_of("threatexchange", content)) == 150
