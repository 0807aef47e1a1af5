from __future__ import annotations

import json

import pytest

from hashmatch.algorithms import ALGORITHMS
from hashmatch.checking import check
from hashmatch.errors import FormatError
from hashmatch.formats import FORMATS, recognise
from hashmatch.formats.source import Source
from hashmatch.records import Mode

from .samples import OPTIONS, as_lines, read, rejects_of, rows_of
from .samples_hotlines import MD5, PDQ, PDQ_2, as_text, hash_page, hash_record

GOLDEN = {
    "line": 1,
    "algorithm": "pdq",
    "digest": PDQ,
    "media_type": "image",
    "updated_at": "1625167804",
    "withdrawn": False,
    "extra": '{"caseNumbers":{"27664732-76e1-4a17-8099-455798e67022":"Active"},"hashRegions":["UK"],"hashStatus":"Active"}',
}


def page(*records: object) -> bytes:
    return as_text(hash_page(*records))


def row_of(**changes: object) -> dict[str, object]:
    (row,) = rows_of("stopncii", page(hash_record(**changes)))
    return row


def headers_of(content: bytes) -> list[object]:
    return [dict(header) for chunk in read("stopncii", content) for header in chunk.headers]


def feedback(*values: object) -> list[object]:
    return [{"source": "Example", "feedbackValue": value, "tags": ["Tag-One"]} for value in values]


def test_a_record_under_our_names() -> None:
    assert rows_of("stopncii", page(hash_record())) == [GOLDEN]
    assert FORMATS["stopncii"].mode is Mode.UPDATE
    assert FORMATS["stopncii"].row_is_word


@pytest.mark.parametrize(
    ("status", "withdrawn"),
    [
        ("Received", False),
        ("Active", False),
        ("Unknown", False),
        ("Invented", False),
        (None, False),
        ("Withdrawn", True),
        ("Deleted", True),
        ("deleted", True),
    ],
)
def test_the_status_decides_a_withdrawal(status: object, withdrawn: bool) -> None:
    assert row_of(hashStatus=status)["withdrawn"] is withdrawn


def test_a_withdrawal_goes_by_its_hash() -> None:
    (chunk,) = read("stopncii", page(hash_record(), hash_record(hashStatus="Withdrawn", hashValue=PDQ.upper())))
    checked = check(chunk.rows, None)
    assert checked.rows.column("source_id").to_pylist() == [f"pdq:{PDQ}"] * 2
    assert checked.withdrawn.tolist() == [False, True]


@pytest.mark.parametrize("signal_type", ["ImagePDQ2", "Unknown", "", None])
@pytest.mark.parametrize("status", ["Withdrawn", "Deleted"])
def test_a_withdrawal_of_an_unknown_kind_takes_back_the_pdq_hash_of_that_value(
    signal_type: object, status: str
) -> None:
    gone = {"signalType": signal_type, "hashStatus": status}
    content = page(
        hash_record(), hash_record(**gone, hashValue=f" {PDQ.upper()}"), hash_record(**gone, hashValue=MD5),
        hash_record(signalType=signal_type),
    )  # fmt: skip
    (chunk,) = read("stopncii", content)
    checked = check(chunk.rows, None)
    assert checked.rows.column("source_id").to_pylist() == [f"pdq:{PDQ}"] * 2
    assert checked.withdrawn.tolist() == [False, True]
    assert [reject.line for reject in chunk.rejects] == [3, 4]


def test_a_value_that_names_a_status_withdraws_nothing() -> None:
    assert row_of(hashValue="Withdrawn")["withdrawn"] is False


@pytest.mark.parametrize(
    ("values", "opinion"),
    [
        ([], None),
        (["Blocked"], None),
        (["NotBlocked"], "disputed"),
        (["Blocked", "NotBlocked"], "disputed"),
        (["Withdrawn", "Deleted", "PendingReview", "QualityUnknown", "None", "Unknown"], None),
        (["Undefined", "RandomFeedbackValue", None, 7, {"a": 1}], None),
    ],
)
def test_no_feedback_costs_a_record(values: list[object], opinion: object) -> None:
    row = row_of(CSPFeedbacks=feedback(*values))
    assert (row.get("opinion"), row["withdrawn"], row["digest"]) == (opinion, False, PDQ)
    assert json.loads(str(row["extra"]))["CSPFeedbacks"] == feedback(*values)


@pytest.mark.parametrize("value", [7, "NotBlocked", {"feedbackValue": "NotBlocked"}, ["NotBlocked", 3, None]])
def test_feedback_of_another_shape_is_kept_and_says_nothing(value: object) -> None:
    row = row_of(CSPFeedbacks=value)
    assert "opinion" not in row
    assert json.loads(str(row["extra"]))["CSPFeedbacks"] == value


@pytest.mark.parametrize(
    ("signal_type", "algorithm", "media_type"),
    [
        ("ImagePDQ", "pdq", "image"),
        ("VideoMD5", "md5", "video"),
        ("ImageSHA256", "sha256", "image"),
        ("videosha-1", "sha1", "video"),
        ("PDQ", "pdq", None),
    ],
)
def test_signal_types(signal_type: str, algorithm: str, media_type: str | None) -> None:
    row = row_of(signalType=signal_type, hashValue=MD5)
    assert (row["algorithm"], row.get("media_type")) == (algorithm, media_type)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"signalType": "VideoTMK"}, "'VideoTMK' is no kind of hash that is known here"),
        ({"signalType": "Text"}, "'Text' is no kind"),
        ({"signalType": "URL"}, "'URL' is no kind"),
        ({"signalType": "Unknown"}, "'Unknown' is no kind"),
        ({"signalType": "Video"}, "'Video' is no kind"),
        ({"signalType": " "}, "no signalType"),
        ({"signalType": None}, "no signalType"),
        ({"signalType": "x" * 5000}, "is no kind"),
        ({"signalType": ["ImagePDQ"]}, "an array as signalType"),
        ({"hashValue": ""}, "no hash"),
        ({"hashValue": 7}, "7 is a number, not a hash"),
        ({"hashValue": None}, "no hash"),
        ({"hashStatus": {"a": 1}}, "an object as hashStatus"),
        ({"lastModtimestamp": [1]}, "an array as lastModtimestamp"),
    ],
)
def test_a_record_that_cannot_be_read_is_a_reject_and_the_next_goes_on(changes: dict[str, object], reason: str) -> None:
    content = page(hash_record(**changes), 5, hash_record(hashValue=PDQ_2))
    assert [(row["line"], row["digest"]) for row in rows_of("stopncii", content)] == [(3, PDQ_2)]
    (first, told), (second, _) = rejects_of("stopncii", content)
    assert (first, second) == (1, 2)
    assert reason in told
    assert len(told) < 300


def test_zeros_of_half_the_length_are_a_reject_of_the_checks() -> None:
    (chunk,) = read("stopncii", page(hash_record(hashValue="0" * 32), hash_record()))
    checked = check(chunk.rows, None)
    assert [reject.line for reject in checked.rejects] == [1]
    assert len(checked.rows) == 1


@pytest.mark.parametrize("cases", [[], {}, None, {"a": "Withdrawn"}, ["not-a-mapping"]])
def test_cases_are_kept_whatever_their_shape(cases: object) -> None:
    row = row_of(caseNumbers=cases)
    assert row["withdrawn"] is False
    assert json.loads(str(row["extra"])).get("caseNumbers") == cases


ONE, TWO = hash_record(), hash_record(hashValue=PDQ_2)


@pytest.mark.parametrize(
    "content",
    [
        page(ONE, TWO),
        as_lines(hash_page(ONE), hash_page(TWO)),
        as_text([hash_page(ONE, more=True), hash_page(TWO)]),
        as_text([ONE, TWO]),
        as_lines(ONE, TWO),
    ],
)
def test_every_way_of_keeping_pages_gives_the_same_rows(content: bytes) -> None:
    assert recognise(Source(content=content), ALGORITHMS).name == "stopncii"
    assert rows_of("stopncii", content) == [GOLDEN, {**GOLDEN, "line": 2, "digest": PDQ_2}]


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ([hash_page(ONE, stamp=5)], [{"checkpoint": "5"}]),
        ([hash_page(ONE, stamp=5), hash_page(TWO, stamp=4)], [{"checkpoint": "4"}]),
        ([hash_page(ONE, stamp=5, more=True), hash_page(TWO, stamp=6)], [{"checkpoint": "6"}]),
        ([hash_page(ONE, stamp=5, more=True)], []),
        ([hash_page(ONE, stamp=5), hash_page(TWO, stamp=6, more=True)], []),
        ([hash_page(ONE, stamp=None)], []),
        ([hash_page(ONE, stamp=0)], []),
    ],
)
def test_the_checkpoint_is_taken_where_a_set_is_whole(pages: list[object], expected: object) -> None:
    assert headers_of(as_text(pages)) == expected
    assert headers_of(as_lines(*pages)) == expected


@pytest.mark.parametrize(
    "content", [page(), b'{"hashRecords":[]}', b'{"hashRecords": [], "count": 0, "hasMoreRecords": false}']
)
def test_an_empty_page_is_in_the_format(content: bytes) -> None:
    assert rows_of("stopncii", content) == []
    assert recognise(Source(content=content), ALGORITHMS).name == "stopncii"


def test_the_order_of_keys_does_not_matter() -> None:
    record = hash_record(CSPFeedbacks=feedback("Blocked"))
    for value in (hash_page(record), [record], record):
        content = json.dumps(value, sort_keys=True).encode()
        assert recognise(Source(content=content), ALGORITHMS).name == "stopncii"
        assert [row["digest"] for row in rows_of("stopncii", content)] == [PDQ]


def test_a_stamp_that_is_none_costs_its_page_alone() -> None:
    content = as_text([hash_page(ONE, stamp={"a": 1}), hash_page(TWO)])
    assert [row["digest"] for row in rows_of("stopncii", content)] == [PDQ_2]
    assert "an object as nextSetTimestamp" in rejects_of("stopncii", content)[0][1]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"1625167804", b"1e999", "Number out of range"),
        (b'"UK"', b"[" * 100 + b"]" * 100, "nested too deeply"),
    ],
)
def test_a_value_beyond_all_measure_spoils_its_record_alone(old: bytes, new: bytes, reason: str) -> None:
    content = page(hash_record(), hash_record(hashValue=PDQ_2)).replace(old, new, 1)
    assert [row["digest"] for row in rows_of("stopncii", content)] == [PDQ_2]
    ((line, told),) = rejects_of("stopncii", content)
    assert line == 1
    assert reason in told


@pytest.mark.parametrize("new", [b"NaN", b"\xff", b"[" * 50_000 + b"]" * 50_000])
def test_a_page_that_is_no_json_is_a_format_error(new: bytes) -> None:
    with pytest.raises(FormatError, match="cannot be read as one document"):
        read("stopncii", page(hash_record()).replace(b'"UK"', new))


def test_of_equal_keys_the_last_counts() -> None:
    content = page(hash_record()).replace(b'"hashStatus": "Active"', b'"hashStatus": "Deleted", "hashStatus": "Active"')
    assert rows_of("stopncii", content)[0]["withdrawn"] is False


def test_ten_thousand_cases_cost_the_hash_nothing() -> None:
    cases = {f"{number:036d}": "Active" for number in range(10_000)}
    (chunk,) = read("stopncii", page(hash_record(caseNumbers=cases)))
    assert check(chunk.rows, None).rejects == ()
    extra = json.loads(chunk.rows.column("extra")[0].as_py())
    assert extra == {"hashStatus": "Active", "hashRegions": ["UK"], "left_out": ["caseNumbers"]}


@pytest.mark.parametrize("content", [b"", b"{}", b"[1, 2]", b'{"hashRecords": 5}', page(hash_record())[:-9]])
def test_what_is_no_list_is_a_format_error(content: bytes) -> None:
    with pytest.raises(FormatError, match=r"^\(bytes\) [^\n]+$"):
        list(FORMATS["stopncii"].read(Source(content=content), OPTIONS))
