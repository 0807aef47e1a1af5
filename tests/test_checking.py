from __future__ import annotations

import base64
import json
from datetime import datetime, timezone
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.algorithms import ALGORITHMS
from hashmatch.cells import Cells
from hashmatch.checking import LONGEST_ID, LONGEST_TEXT, Checked, ambiguous_reason, check, check_settings, sizes
from hashmatch.errors import InvalidValue, UnknownName
from hashmatch.formats.base import RAW_SCHEMA
from hashmatch.word_rows import WORD_SCHEMA, plain

PDQ = "0f" * 32
MD5 = "ab" * 16
GOOD: dict[str, Any] = {"source_id": "a", "algorithm": "pdq", "digest": PDQ}


def checked(*rows: dict[str, Any], default: str | None = None) -> Checked:
    raw = [{"line": number, **row} for number, row in enumerate(rows, start=1)]
    return check(pa.Table.from_pylist(raw, schema=RAW_SCHEMA), default)


def one(row: dict[str, Any], default: str | None = None) -> dict[str, Any]:
    """The one good row that comes of a raw one."""
    result = checked(row, default=default)
    assert [reject.reason for reject in result.rejects] == []
    assert result.rows.schema == WORD_SCHEMA
    (made,) = plain(result.rows).to_pylist()
    return made


def reason(row: dict[str, Any]) -> str:
    """Why a raw row is rejected, between two good ones that are not."""
    result = checked(GOOD, row, GOOD)
    assert len(result.rows) == 2
    (reject,) = result.rejects
    assert reject.line == 2
    return reject.reason


REASONS: dict[str, dict[str, Any]] = {
    "no digest": {"digest": None},
    "unknown algorithm 'PDQQ'": {"algorithm": "PDQQ"},
    "64 hexadecimal digits may be pdq, phash256 or sha256: name the algorithm": {"algorithm": None},
    "no algorithm is known whose digests have 62 characters": {"algorithm": None, "digest": "0f" * 31},
    f"'{'zz' * 32}' has characters that are not hexadecimal": {"digest": "zz" * 32},
    f"'{'0f' * 31}' is not 64 hexadecimal digits": {"digest": "0f" * 31},
    f"'{'0f' * 31}0' is not 64 hexadecimal digits": {"digest": "0f" * 31 + "0"},
    f"the id is longer than {LONGEST_ID} characters": {"source_id": "x" * (LONGEST_ID + 1)},
    "the id holds control characters": {"source_id": "a\0b"},
    "'-2' is not a frame (a number from -1 up)": {"frame": "-2"},
    "'1.5' is not a frame (a number from -1 up)": {"frame": "1.5"},
    "'2147483648' is not a frame (a number from -1 up)": {"frame": str(2**31)},
    "'-0.1' is not a timestamp (a number from 0 up)": {"timestamp": "-0.1"},
    "'NaN' is not a timestamp (a number from 0 up)": {"timestamp": "NaN"},
    "'1e999' is not a timestamp (a number from 0 up)": {"timestamp": "1e999"},
    "'101' is not a quality (from 0 to 100)": {"quality": "101"},
    "'high' is not a quality (from 0 to 100)": {"quality": "high"},
    "a label holds control characters": {"labels": ["fine", "not\x1ffine"]},
    "'maybe' is no opinion (positive, seed, negative, disputed)": {"opinion": "maybe"},
    "'purple' is no share level (clear, green, amber, amber+strict, red, white)": {"share_level": "purple"},
    "'soon' is not a date (created_at)": {"created_at": "soon"},
    "'soon' is not a date (updated_at)": {"updated_at": "soon"},
    "'2024-02-30' is not a date (expires_at)": {"expires_at": "2024-02-30"},
    f"its labels are longer than {LONGEST_TEXT} bytes": {"labels": ["x" * LONGEST_TEXT, "y"]},
    f"its unknown fields are longer than {LONGEST_TEXT} bytes": {"extra": json.dumps({"x": "y" * LONGEST_TEXT})},
    "'One' cannot name a list: up to 64 of a-z, 0-9, '.', '_' and '-', the first a letter or a digit": {"list": "One"},
}


@pytest.mark.parametrize("expected", REASONS)
def test_each_reason_once(expected: str) -> None:
    assert reason({**GOOD, **REASONS[expected]}) == expected


def test_first_thing_wrong_is_the_reason() -> None:
    assert reason({**GOOD, "algorithm": "nope", "quality": "x", "updated_at": "y"}) == "unknown algorithm 'nope'"


def test_reject_names_the_claim_and_the_list_where_they_can_be_read() -> None:
    rows = [
        {**GOOD, "source_id": " a ", "digest": "zz"},
        {**GOOD, "source_id": None, "digest": "zz"},
        {**GOOD, "source_id": None, "quality": "x"},
        {**GOOD, "list": "one", "quality": "x"},
    ]
    assert [(reject.source_id, reject.list) for reject in checked(*rows).rejects] == [
        ("a", None),
        (None, None),
        (f"pdq:{PDQ}", None),
        ("a", "one"),
    ]


def test_long_values_are_shown_short() -> None:
    assert len(reason({**GOOD, "digest": "z" * 100_000})) < 150
    assert len(reason({**GOOD, "quality": "9" * 100_000})) < 150


# Algorithms and digests


@pytest.mark.parametrize("text", ["sha256", "SHA256", "SHA-256", "sha_256", " Sha 256 "])
def test_algorithms_are_known_in_any_spelling(text: str) -> None:
    assert one({**GOOD, "algorithm": text})["algorithm"] == "sha256"


@pytest.mark.parametrize("name", list(ALGORITHMS))
def test_digest_is_read_from_hexadecimal_of_either_case(name: str) -> None:
    digest = bytes(range(1, ALGORITHMS[name].size + 1))
    for text in (digest.hex(), digest.hex().upper(), f" {digest.hex()} "):
        assert one({"algorithm": name, "digest": text})["digest"] == digest


@given(st.binary(min_size=32, max_size=32))
def test_digest_is_read_from_base64(digest: bytes) -> None:
    assert one({**GOOD, "digest": base64.b64encode(digest).decode()})["digest"] == digest


@pytest.mark.parametrize(("digits", "name"), [(32, "md5"), (40, "sha1"), (128, "sha512")])
def test_length_that_only_one_algorithm_has_names_it(digits: int, name: str) -> None:
    assert one({"digest": "ab" * (digits // 2)})["algorithm"] == name


@pytest.mark.parametrize("digits", [16, 64])
def test_length_that_several_have_needs_the_algorithm_named(digits: int) -> None:
    row = {"digest": "ab" * (digits // 2)}
    fitting = [name for name, size in sizes().items() if 2 * size == digits]
    result = checked(row, {"digest": MD5})
    assert result.ambiguous is not None
    assert result.ambiguous.reason == ambiguous_reason(digits)
    assert all(name in ambiguous_reason(digits) for name in fitting)
    assert not result.named
    for name in fitting:
        assert one(row, default=name)["algorithm"] == name


def test_default_algorithm_is_only_of_rows_that_name_none() -> None:
    assert one({"algorithm": "md5", "digest": MD5}, default="pdq")["algorithm"] == "md5"
    assert one({"digest": MD5}, default="pdq")["algorithm"] == "md5"


def test_many_rows_of_many_algorithms_at_once() -> None:
    rows = [
        {"source_id": str(i), "algorithm": name, "digest": f"{i + 1:0{2 * size}x}"}
        for i in range(20)
        for name, size in sizes().items()
    ]
    made = checked(*rows).rows.to_pylist()
    assert [(row["source_id"], row["algorithm"], row["digest"].hex()) for row in made] == [
        (row["source_id"], row["algorithm"], row["digest"]) for row in rows
    ]


def test_id_is_the_partners_or_algorithm_and_hex() -> None:
    assert one({**GOOD, "source_id": " 28 19 "})["source_id"] == "28 19"
    for nothing in (None, "", "  \t"):
        assert one({**GOOD, "source_id": nothing, "digest": PDQ.upper()})["source_id"] == f"pdq:{PDQ}"


def test_unfit_hash_is_quarantined_and_no_other() -> None:
    result = checked({**GOOD, "digest": "00" * 32}, GOOD, {"digest": "0" * 32}, {**GOOD, "digest": "0f0e" * 16})
    assert result.rows.column("quarantine").to_pylist() == [
        "all bits are zero",
        "all rows of bits are equal",
        "all bits are zero",
        "all rows of bits are equal",
    ]
    fit = f"{'0f' * 30}01fe"
    assert one({**GOOD, "digest": fit})["quarantine"] is None


# Other columns


def test_what_is_not_said() -> None:
    assert one(GOOD) == {
        "source_id": "a",
        "algorithm": "pdq",
        "frame": -1,
        "digest": bytes.fromhex(PDQ),
        "media_type": "unknown",
        "timestamp": None,
        "quality": None,
        "labels": [],
        "opinion": "positive",
        "share_level": None,
        "created_at": None,
        "updated_at": None,
        "expires_at": None,
        "quarantine": "all rows of bits are equal",
        "extra": "{}",
    }
    assert one({**GOOD, **dict.fromkeys(["frame", "quality", "opinion", "updated_at"], "  ")}) == one(GOOD)


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0), ("7", 7), ("+7", 7), ("7.0", 7), ("007", 7), ("-0", 0), ("2147483647", 2**31 - 1)]
)
def test_frames(text: str, value: int) -> None:
    assert one({**GOOD, "frame": text})["frame"] == value


@given(st.floats(0, 2.0**127, width=32))
def test_timestamps_are_read_exactly(seconds: float) -> None:
    assert one({**GOOD, "timestamp": repr(seconds)})["timestamp"] == seconds


@pytest.mark.parametrize(("text", "value"), [("5.", 5.0), (".5", 0.5), ("1e3", 1000.0), ("+2.5E-1", 0.25)])
def test_timestamps_in_other_forms(text: str, value: float) -> None:
    assert one({**GOOD, "timestamp": text})["timestamp"] == value


@given(st.integers(-50, 150))
def test_quality_is_from_0_to_100(quality: int) -> None:
    result = checked({**GOOD, "quality": str(quality)})
    assert len(result.rows) == (0 <= quality <= 100)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("image", "image"), ("IMAGE/png", "image"), ("video/mp4", "video"), ("document", "document"), ("?", "unknown")],
)
def test_media_types(text: str, kind: str) -> None:
    assert one({**GOOD, "media_type": text})["media_type"] == kind


@pytest.mark.parametrize(
    ("text", "level"),
    [("RED", "red"), ("TLP:AMBER+STRICT", "amber+strict"), ("white", "clear"), ("tlp:clear", "clear")],
)
def test_share_levels(text: str, level: str) -> None:
    assert one({**GOOD, "share_level": text})["share_level"] == level


def test_labels_are_trimmed_and_sorted_and_each_once() -> None:
    assert one({**GOOD, "labels": ["b", " a ", "", None, "b", " "]})["labels"] == ["a", "b"]


def test_dates() -> None:
    row = one({**GOOD, "created_at": "2024-01-01", "updated_at": "0", "expires_at": "2024-01-01T01:00+01:00"})
    day = datetime(2024, 1, 1, tzinfo=timezone.utc)
    assert (row["created_at"], row["expires_at"]) == (day, day)
    assert row["updated_at"] == datetime(1970, 1, 1, tzinfo=timezone.utc)


def test_extra_stays_as_it_is() -> None:
    assert [one({**GOOD, "extra": extra})["extra"] for extra in (None, '{"a":[1,"b"]}')] == ["{}", '{"a":[1,"b"]}']


# Withdrawals


def test_of_a_withdrawal_by_id_nothing_but_id_list_and_date_matters() -> None:
    gone = {"source_id": "a", "withdrawn": True}
    rubbish = {"algorithm": "x", "digest": "y", "quality": "z", "frame": "?", "opinion": "!", "created_at": "never"}
    for row in (gone, {**gone, **rubbish}, {**GOOD, **gone, "labels": ["\x00"], "extra": "["}):
        result = checked(row)
        assert (result.withdrawn.tolist(), result.rejects) == ([True], ())
        assert result.rows.column("source_id").to_pylist() == ["a"]
    assert "not a date (updated_at)" in reason({**gone, "updated_at": "never"})
    assert "cannot name a list" in reason({**gone, "list": "One"})
    assert "control characters" in reason({**gone, "source_id": "a\0"})


def test_withdrawal_without_an_id_needs_its_hash() -> None:
    assert reason({"withdrawn": True}) == "no digest"
    assert reason({"withdrawn": True, "algorithm": "pdq", "digest": "zz"}) == "'zz' is not 64 hexadecimal digits"
    result = checked({"withdrawn": True, "digest": MD5})
    assert result.rows.column("source_id").to_pylist() == [f"md5:{MD5}"]


# Whole chunks


def test_lists_of_the_good_rows() -> None:
    rows = [{**GOOD, "list": "one"}, {**GOOD, "list": "ONE"}, GOOD, {**GOOD, "list": " two "}]
    assert checked(*rows).lists.to_pylist() == ["one", None, "two"]


ANYTHING = st.none() | st.text(max_size=8) | st.sampled_from(["1", PDQ, MD5, "pdq", "md5", "red", "2024-01-01", "{}"])


@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                field.name: ANYTHING if pa.types.is_string(field.type) else st.lists(st.text(max_size=4), max_size=2)
                for field in RAW_SCHEMA
                if field.name not in ("line", "withdrawn")
            }
            | {"withdrawn": st.none() | st.booleans()},
        ),
        max_size=8,
    )
)
def test_any_row_is_taken_or_rejected_and_never_both(rows: list[dict[str, Any]]) -> None:
    result = checked(*rows)
    assert len(result.rows) + len(result.rejects) == len(rows)
    assert len(result.rows) == len(result.lists) == len(result.withdrawn)
    assert result.rows.schema == WORD_SCHEMA
    assert result.rows.column("source_id").null_count == 0
    live = result.rows.filter(pa.array(~result.withdrawn))
    assert live.column("digest").null_count == live.column("algorithm").null_count == 0
    lines = [reject.line for reject in result.rejects]
    assert lines == sorted(set(lines))


@pytest.mark.parametrize("bad", [{"digest": "zz" * 32}, {"digest": "0f"}, {"quality": "x"}, {"list": "X{}"}])
def test_chunk_of_nothing_but_rejects_takes_time_in_proportion(bad: dict[str, str]) -> None:
    def passes(count: int) -> int:
        """How many times all rows of a chunk are looked through."""
        rows = [{**GOOD, **{key: value.format(i) for key, value in bad.items()}} for i in range(count)]
        with patch.object(Cells, "reject", autospec=True, side_effect=Cells.reject) as reject:
            assert len(checked(*rows).rejects) == count
        return reject.call_count

    assert passes(50) == passes(500)


# Settings


def test_settings_that_fit_what_we_know() -> None:
    said = {"partner": "P", "algorithm": "pdq", "radius": {"pdq": 3}, "releases": frozenset({("pdq", PDQ.upper())})}
    assert check_settings(said) == {**said, "releases": frozenset({("pdq", PDQ)})}
    assert check_settings({}) == {}


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"algorithm": "nope"}, UnknownName),
        ({"radius": {"pdq": 3, "nope": 1}}, UnknownName),
        ({"releases": {("nope", PDQ)}}, UnknownName),
        ({"releases": {("pdq", "zz")}}, InvalidValue),
        ({"partner": "\udcff"}, InvalidValue),
    ],
)
def test_settings_that_do_not(said: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        check_settings(said)


def test_what_is_no_hexadecimal_is_of_the_algorithm_that_the_user_names() -> None:
    digest = bytes(range(20))
    row = {"source_id": "a", "digest": base64.b32encode(digest).decode()}
    assert one(row, default="sha1")["digest"] == digest
    assert one({"digest": MD5}, default="sha1")["algorithm"] == "md5"
    assert [reject.line for reject in checked(row).rejects] == [1]


@pytest.mark.parametrize(
    "label", ["کتاب\u200cخانه", "far\u00a0right", "family:\U0001f468\u200d\U0001f469", "\u200fعربي"]
)
def test_a_label_may_be_written_in_any_script(label: str) -> None:
    assert one({**GOOD, "labels": [label]})["labels"] == [label]


@pytest.mark.parametrize("label", ["a\x00b", "a\x1bb", "a\x85b", "a\u2028b"])
def test_a_label_holds_nothing_that_ends_a_line_or_commands_a_terminal(label: str) -> None:
    assert reason({**GOOD, "labels": [label]}) == "a label holds control characters"
