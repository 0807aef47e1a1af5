from __future__ import annotations

import json

import pytest

from hashmatch.algorithms import ALGORITHMS
from hashmatch.checking import check
from hashmatch.errors import FormatError
from hashmatch.formats import FORMATS, recognise
from hashmatch.formats.source import Source
from hashmatch.records import Mode

from .samples import MD5, OPTIONS, PDQ, as_lines, read, rejects_of, rows_of, tcap_page, tcap_record, v1_record

GOLDEN = {
    "line": 1,
    "source_id": "2819",
    "algorithm": "pdq",
    "digest": PDQ,
    "media_type": "image",
    "labels": ["ideology:far-right"],
    "created_at": "2025-03-03T23:05:22.587",
    "updated_at": "1704901040.222779",
    "withdrawn": False,
    "extra": '{"file_type":"png"}',
}


def headers_of(content: bytes) -> list[object]:
    return [dict(header) for chunk in read("tcap", content) for header in chunk.headers]


def document(*records: object, **changes: object) -> bytes:
    return json.dumps({**tcap_page(*records), **changes}).encode()


def test_a_record_under_our_names() -> None:
    assert rows_of("tcap", document(tcap_record())) == [GOLDEN]
    assert FORMATS["tcap"].mode is Mode.UPDATE
    assert FORMATS["tcap"].row_is_word


@pytest.mark.parametrize(
    ("changes", "field", "expected"),
    [
        ({"algorithm": "MD5"}, "algorithm", "md5"),
        ({"algorithm": "SHA-256"}, "algorithm", "sha256"),
        ({"algorithm": "PhotoDNA"}, "algorithm", "photodna"),
        ({"file_type": "MOV"}, "media_type", "video"),
        ({"file_type": ".jpeg"}, "media_type", "image"),
        ({"file_type": "docx"}, "media_type", "document"),
        ({"file_type": "xyz"}, "media_type", "unknown"),
        ({"ideology": "Islamist"}, "labels", ["ideology:islamist"]),
        ({"ideology": "Far Right"}, "labels", ["ideology:far-right"]),
        ({"deleted": True}, "withdrawn", True),
        ({"updated_on": 1704901040}, "updated_at", "1704901040"),
        ({"updated_on": "2024-01-01T00:00:00Z"}, "updated_at", "2024-01-01T00:00:00Z"),
        ({"created_on": "2025-03-03T23:05:22Z"}, "created_at", "2025-03-03T23:05:22Z"),
        ({"id": "2819-a"}, "source_id", "2819-a"),
        ({"tier": {"b": 1, "a": [2**70, 0.1]}}, "extra", f'{{"file_type":"png","tier":{{"a":[{2**70},0.1],"b":1}}}}'),
        ({"quality": 3, "labels": "x"}, "extra", '{"file_type":"png","labels":"x","quality":3}'),
    ],
)
def test_what_partners_vary(changes: dict[str, object], field: str, expected: object) -> None:
    (row,) = rows_of("tcap", document(tcap_record(**changes)))
    assert row[field] == expected


@pytest.mark.parametrize("seconds", ["1704901040.222779", "1724856487.709035", "0.000001", "4102444799.999999", "1e-6"])
def test_dates_are_exact_to_the_microsecond(seconds: str) -> None:
    content = document(tcap_record()).replace(b"1704901040.222779", seconds.encode())
    (row,) = rows_of("tcap", content)
    assert round(float(str(row["updated_at"])) * 1_000_000) == round(float(seconds) * 1_000_000)
    assert set(str(row["updated_at"])) <= set("0123456789.")


ONE, TWO = tcap_record(id=1), tcap_record(id=2)


@pytest.mark.parametrize(
    "content",
    [
        document(ONE, TWO),
        json.dumps(tcap_page(ONE, TWO), indent=2).encode(),
        json.dumps([tcap_page(ONE), tcap_page(TWO)]).encode(),
        json.dumps([ONE, TWO], indent=1).encode(),
        as_lines(tcap_page(ONE), tcap_page(TWO)),
        as_lines(tcap_page(ONE, TWO)),
        as_lines(ONE, TWO),
        b"\n \n" + as_lines(ONE) + b"\n\n" + as_lines(TWO),
    ],
)
def test_every_way_of_keeping_pages_gives_the_same_rows(content: bytes) -> None:
    assert recognise(Source(content=content), ALGORITHMS).name == "tcap"
    rows = [{**row, "line": 0} for row in rows_of("tcap", content)]
    assert rows == [{**GOLDEN, "line": 0, "source_id": name} for name in ("1", "2")]


def test_records_are_numbered_through_all_pages_and_lines_by_line() -> None:
    assert [row["line"] for row in rows_of("tcap", as_lines(tcap_page(ONE, TWO), tcap_page(ONE)))] == [1, 2, 3]
    assert [row["line"] for row in rows_of("tcap", as_lines(ONE) + b"\n\n" + as_lines(TWO))] == [1, 4]


@pytest.mark.parametrize(
    ("checkpoints", "expected"),
    [
        (["a,1"], [{"checkpoint": "a,1"}]),
        (["a,1", "b,2"], [{"checkpoint": "b,2"}]),
        (["a,1", None], [{"checkpoint": "a,1"}]),
        (["a,1", ""], [{"checkpoint": "a,1"}]),
        ([None], []),
        ([""], []),
    ],
)
def test_the_last_checkpoint_that_there_is_becomes_a_header(checkpoints: list[object], expected: object) -> None:
    pages = [tcap_page(ONE, checkpoint=checkpoint) for checkpoint in checkpoints]
    assert headers_of(json.dumps(pages).encode()) == expected
    assert headers_of(as_lines(*pages)) == expected


def test_a_page_without_checkpoint_has_no_header() -> None:
    page = tcap_page(ONE)
    del page["checkpoint"]
    assert headers_of(json.dumps(page).encode()) == []


def test_an_empty_page_is_in_the_format() -> None:
    content = json.dumps(tcap_page(checkpoint=None)).encode()
    assert recognise(Source(content=content), ALGORITHMS).name == "tcap"
    assert rows_of("tcap", content) == []


def test_bad_records_are_rejects_with_number_and_id() -> None:
    records = [ONE, 5, tcap_record(id=7, updated_on=[1]), {"id": 8}, tcap_record(id={"a": 1}, hash_digest={}), TWO]
    (chunk,) = read("tcap", document(*records))
    assert chunk.rows.column("source_id").to_pylist() == ["1", "2"]
    assert [(reject.line, reject.source_id) for reject in chunk.rejects] == [(2, None), (3, "7"), (4, "8"), (5, None)]
    reasons = [reject.reason for reject in chunk.rejects]
    assert "Expected `object`, got `int`" in reasons[0]
    assert reasons[1] == "an array as updated_at, where one value is meant"
    assert reasons[2] == "no hash"


@pytest.mark.parametrize("created", ["3rd of March", "2025-02-30", 10**20, [1], {"a": 1}, True])
@pytest.mark.parametrize("name", ["tcap", "tcap-v1"])
def test_a_date_of_creation_that_cannot_be_read_is_kept_and_costs_nothing(name: str, created: object) -> None:
    records = [make(created_on=created) for make in (tcap_record, v1_record)]
    (chunk,) = read(name, json.dumps([records[name == "tcap-v1"]]).encode())
    checked = check(chunk.rows, None)
    assert (chunk.rejects, checked.rejects) == ((), ())
    (row,) = checked.rows.to_pylist()
    assert (json.loads(row["extra"])["created_on"], row["created_at"]) == (created, None)


@pytest.mark.parametrize("created", [None, "", " "])
def test_no_date_of_creation_is_none(created: object) -> None:
    (row,) = rows_of("tcap", document(tcap_record(created_on=created)))
    assert (row.get("created_at") or "", row["extra"]) == ("", '{"file_type":"png"}')


def test_a_date_of_change_must_be_one() -> None:
    (chunk,) = read("tcap", document(tcap_record(updated_on="3rd of March", created_on="3rd of March")))
    assert [reject.source_id for reject in check(chunk.rows, None).rejects] == ["2819"]


def test_a_withdrawal_needs_no_hash() -> None:
    (row,) = rows_of("tcap", document({"id": 8, "deleted": True}))
    assert (row["source_id"], row["withdrawn"]) == ("8", True)
    assert "digest" not in row


@pytest.mark.parametrize("name", [{}, {"id": None}, {"id": " "}])
def test_a_withdrawal_without_id_is_a_reject_where_claims_have_ids(name: dict[str, object]) -> None:
    nameless = {key: value for key, value in tcap_record(deleted=True).items() if key != "id"} | name
    content = document(ONE, nameless, {**nameless, "deleted": False})
    assert [row["line"] for row in rows_of("tcap", content)] == [1, 3]
    assert rejects_of("tcap", content) == [(2, "it takes a claim back, but has no id that says which")]


def test_version_1_takes_hashes_back() -> None:
    (row,) = rows_of("tcap-v1", json.dumps([v1_record(deleted=True)]).encode())
    assert (row["withdrawn"], row["digest"]) == (True, MD5.upper())


@pytest.mark.parametrize("name", ["tcap", "tcap-v1"])
def test_what_stands_beside_a_hash_does_not_cost_it(name: str) -> None:
    long = {"note": "x" * 40_000, "tier": 1}
    record = tcap_record(**long) if name == "tcap" else v1_record(**long)
    (chunk,) = read(name, json.dumps([record]).encode())
    checked = check(chunk.rows, None)
    assert checked.rejects == ()
    extra = json.loads(checked.rows.column("extra")[0].as_py())
    assert extra == {"file_type": record["file_type"], "tier": 1, "left_out": ["note"]}


@pytest.mark.parametrize("sort_keys", [True, False])
def test_the_order_of_keys_does_not_matter(sort_keys: bool) -> None:
    record = tcap_record(aliases=[{"b": 1}], about={"c": {"d": 1}})
    for value in (tcap_page(record), [record], tcap_page(), [tcap_page(), tcap_page(record)]):
        content = json.dumps(value, sort_keys=sort_keys).encode()
        assert recognise(Source(content=content), ALGORITHMS).name == "tcap"


def test_a_number_beyond_all_measure_spoils_its_record_alone() -> None:
    content = document(ONE, TWO).replace(b"1704901040.222779", b"1e400", 1)
    assert [row["source_id"] for row in rows_of("tcap", content)] == ["2"]
    assert [line for line, _ in rejects_of("tcap", content)] == [1]


def test_a_page_whose_results_are_no_list_is_a_reject() -> None:
    content = json.dumps([tcap_page(ONE), {**tcap_page(), "results": {"a": 1}}, 7, tcap_page(TWO)]).encode()
    assert [row["line"] for row in rows_of("tcap", content)] == [1, 4]
    assert [line for line, _ in rejects_of("tcap", content)] == [2, 3]


def test_a_torn_line_is_a_reject_and_the_next_goes_on() -> None:
    content = as_lines(ONE)[:-20] + b"\n" + as_lines(TWO, ONE)
    assert [row["line"] for row in rows_of("tcap", content)] == [2, 3]
    assert [line for line, _ in rejects_of("tcap", content)] == [1]


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[1, 2]", b"7", b'"a"', document(ONE)[:-5], b'{"results": 5}', b"[" * 100_000, b"\x00\x01" * 99],
)
def test_what_is_no_list_is_a_format_error(content: bytes) -> None:
    with pytest.raises(FormatError, match=r"^\(bytes\) [^\n]+$"):
        list(FORMATS["tcap"].read(Source(content=content), OPTIONS))


def test_the_place_of_a_syntax_error_is_named() -> None:
    with pytest.raises(FormatError, match=r"byte \d+"):
        read("tcap", b'{"count": 1,\n "results": [nope]}')


def test_an_array_of_commas_is_refused_before_it_is_built() -> None:
    with pytest.raises(FormatError, match="more values than a list of hashes"):
        read("tcap", b"[" + b"1," * 1_300_000 + b"1]")


def test_version_1_has_no_ids_and_is_the_whole_list() -> None:
    content = json.dumps([v1_record(), v1_record(hash_digest=PDQ, algorithm="PDQ", file_type="jpg")]).encode()
    assert recognise(Source(content=content), ALGORITHMS).name == "tcap-v1"
    assert rows_of("tcap-v1", content) == [
        {
            "line": 1,
            "algorithm": "md5",
            "digest": MD5.upper(),
            "media_type": "video",
            "labels": ["ideology:islamist"],
            "extra": '{"file_type":"mp4"}',
        },
        {
            "line": 2,
            "algorithm": "pdq",
            "digest": PDQ,
            "media_type": "image",
            "labels": ["ideology:islamist"],
            "extra": '{"file_type":"jpg"}',
        },
    ]
    assert FORMATS["tcap-v1"].mode is Mode.REPLACE
    assert not FORMATS["tcap-v1"].row_is_word


def test_version_1_is_an_array() -> None:
    with pytest.raises(FormatError, match="it is no JSON array"):
        read("tcap-v1", json.dumps(v1_record()).encode())
    assert rejects_of("tcap-v1", json.dumps([v1_record(), 3]).encode())[0][0] == 2
