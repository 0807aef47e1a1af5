"""What we write for exchanges comes back but for what the format says it loses: random records."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hashmatch.algorithms import ALGORITHMS
from hashmatch.checking import check, sizes
from hashmatch.errors import FormatError
from hashmatch.formats import FORMATS, recognise
from hashmatch.formats.base import ReadOptions
from hashmatch.formats.json_text import canonical
from hashmatch.formats.source import Source
from hashmatch.records import SCHEMA, ListSettings, MediaType, Opinion, Role, ShareLevel
from hashmatch.word_rows import plain

from .samples_exchanges import MD5, PDQ, descriptor, page, update

Record = dict[str, object]

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
STAYING = {"said_at", "batch", "quarantine"}
"""Columns that no file holds."""

words = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)
labels = words | st.builds(
    "{}{}".format,
    st.sampled_from(
        [
            *("entity:", "category:", "priority:", "tag:", "severity:", "ideology:", "label:", "group:", "cat:"),
            *("media_priority_", "media_type_", "tag:media_type_", "signal_type:", "tag:signal_type:", "tag:group:"),
        ]
    ),
    words | st.sampled_from(["photo", "video", "long_hash_video", "pdq", "severe", "unknown", "far-right"]),
)
dates = (
    st.none()
    | st.datetimes(timezones=st.just(timezone.utc))
    | st.sampled_from([datetime.min.replace(tzinfo=timezone.utc), datetime.max.replace(tzinfo=timezone.utc), EPOCH])
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=4,
)
te_words = st.sampled_from(["status", "descriptors", "extra", "tags", "id", "type", "file_type", "share_level"])
te_values = json_values | st.sampled_from(
    [[], [descriptor()], [descriptor(status="NON_MALICIOUS")], [{"status": "UNKNOWN"}], "SUSPICIOUS", {}, "png", "mp4"]
)
extras = st.dictionaries(words | te_words, te_values, max_size=3).map(canonical)


@st.composite
def hashes(draw: st.DrawFn) -> tuple[str, bytes]:
    algorithm = draw(st.sampled_from(sorted(ALGORITHMS)))
    size = ALGORITHMS[algorithm].size
    return algorithm, draw(st.binary(min_size=size, max_size=size))


said = st.fixed_dictionaries(
    {
        "source_id": words,
        "frame": st.integers(-1, 2**31 - 1),
        "media_type": st.sampled_from([media.value for media in MediaType]),
        "timestamp": st.none() | st.floats(0, 2**20, width=32),
        "quality": st.none() | st.integers(0, 100),
        "labels": st.lists(labels, max_size=3, unique=True).map(sorted),
        "opinion": st.sampled_from([opinion.value for opinion in Opinion]),
        "share_level": st.none() | st.sampled_from([level.value for level in ShareLevel]),
        "created_at": dates,
        "updated_at": dates,
        "expires_at": dates,
        "extra": extras,
    }
)


@st.composite
def claims(draw: st.DrawFn) -> list[Record]:
    """The records of some claims as a bank holds them: those of one claim together, no hash twice in the file."""
    made: list[Record] = []
    pairs = draw(st.lists(hashes(), min_size=1, max_size=5, unique=True))
    for algorithm, digest in pairs:
        again = bool(made) and draw(st.booleans())
        record = {**draw(said), "list": "one", "algorithm": algorithm, "digest": digest, "said_at": EPOCH, "batch": 7}
        if again:
            record["source_id"] = made[-1]["source_id"]
        elif record["source_id"] in {each["source_id"] for each in made}:
            record["source_id"] = f"{record['source_id']}/{len(made)}"
        made.append(record)
    return made


def written(name: str, records: Sequence[Mapping[str, object]], *lists: ListSettings) -> bytes:
    table = pa.Table.from_pylist([dict(record) for record in records], schema=SCHEMA)
    sink = io.BytesIO()
    stated = lists or (ListSettings(name="one"),)
    FORMATS[name].write([table.slice(0, 2), table.slice(2)], {each.name: each for each in stated}, sink, ())
    return sink.getvalue()


def come_back(name: str, content: bytes) -> list[Record]:
    """The records that a file is taken for, each a claim of its own."""
    source = Source(content=content, name="written")
    assert recognise(source, ALGORITHMS) is FORMATS[name]
    rows: list[Record] = []
    for chunk in FORMATS[name].read(source, ReadOptions(algorithms=sizes())):
        checked = check(chunk.rows, None)
        assert chunk.rejects == checked.rejects == ()
        assert not checked.withdrawn.any()
        rows += plain(checked.rows).to_pylist()
    assert len({row["source_id"] for row in rows}) == len(rows)
    return rows


def kept(name: str, record: Mapping[str, object]) -> Record:
    """The columns of a record that the format carries."""
    return {key: value for key, value in record.items() if key not in FORMATS[name].losses | STAYING}


def in_order(records: list[Record]) -> list[Record]:
    return sorted(records, key=lambda record: (str(record["algorithm"]), record["digest"]))


PLAIN: Record = {
    "list": "one",
    "source_id": "1",
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
    "said_at": EPOCH,
    "extra": "{}",
    "batch": 7,
}
FAR = datetime(3000, 1, 1, 0, 0, 0, 123457, tzinfo=timezone.utc)


def with_extra(**extra: object) -> Record:
    return {**PLAIN, "extra": canonical(extra)}


@given(claims(), st.sampled_from(ShareLevel))
@example(
    [{**PLAIN, "expires_at": EPOCH, "created_at": EPOCH, "updated_at": FAR, "opinion": "disputed"}], ShareLevel.CLEAR
)
@example([{**PLAIN, "share_level": "amber+strict", "labels": ["tlp:amber+strict"]}], ShareLevel.CLEAR)
@example([{**PLAIN, "share_level": "red", "labels": ["tlp:amber+strict"]}], ShareLevel.CLEAR)
@example([{**PLAIN, "labels": ["severity:info", "severity:severe", "severity:unknown"]}], ShareLevel.CLEAR)
@example(
    [{**PLAIN, "labels": ["tag:media_type_long_hash_video", "tag:media_type_photo"], "media_type": "video"}],
    ShareLevel.CLEAR,
)
@example([with_extra(descriptors=[descriptor()])], ShareLevel.CLEAR)
@example([with_extra(descriptors=[descriptor(status="NON_MALICIOUS")])], ShareLevel.CLEAR)
@example([with_extra(descriptors=[{"id": "1", "owner": {"id": "1"}, "status": "MALICIOUS"}])], ShareLevel.CLEAR)
@example(
    [with_extra(descriptors={"data": []}, status="SUSPICIOUS", extra={"extra": {}}, id=5, should_delete=True)],
    ShareLevel.CLEAR,
)
@example([{**with_extra(descriptors=[descriptor()]), "share_level": "amber"}], ShareLevel.RED)
@example([{**with_extra(descriptors=[descriptor()]), "share_level": "amber"}], ShareLevel.AMBER_STRICT)
@example([{**PLAIN, "share_level": "amber+strict", "labels": ["tlp:amber+strict"]}], ShareLevel.RED)
@settings(max_examples=100)
def test_threatexchange_loses_what_it_declares_and_no_level_that_is_stricter(
    records: list[Record], level: ShareLevel
) -> None:
    stated = ListSettings(name="one", share_level=level)
    found = come_back("threatexchange", written("threatexchange", records, stated))
    levels = [level.value, *(other.value for other in ShareLevel if other.strictness > level.strictness)]
    holding = [record["share_level"] if record["share_level"] in levels else level.value for record in records]
    expected = [
        kept("threatexchange", {**record, "share_level": held}) for record, held in zip(records, holding, strict=True)
    ]
    assert [kept("threatexchange", row) for row in in_order(found)] == in_order(expected)


@given(claims())
@example([{**PLAIN, "media_type": "video"}, {**with_extra(file_type="mp4"), "algorithm": "md5", "digest": b"\1" * 16}])
@example([{**with_extra(file_type="png"), "media_type": "video"}])
@settings(max_examples=100)
def test_tcap_v1_loses_what_it_declares_and_leaves_negative_records_out(records: list[Record]) -> None:
    expected = [kept("tcap-v1", record) for record in records if record["opinion"] != "negative"]
    content = written("tcap-v1", records)
    if expected:
        assert [kept("tcap-v1", row) for row in in_order(come_back("tcap-v1", content))] == in_order(expected)
    else:
        assert content == b"[]\n"


LOST: Mapping[str, object] = {
    "list": "two",
    "source_id": "x",
    "frame": 3,
    "timestamp": 1.5,
    "quality": 90,
    "labels": ["severity:high"],
    "opinion": "seed",
    "share_level": "red",
    "created_at": EPOCH,
    "updated_at": EPOCH,
    "expires_at": EPOCH,
    "extra": '{"a":1}',
}


@pytest.mark.parametrize(
    ("name", "column"),
    [(name, column) for name in ("threatexchange", "tcap-v1") for column in sorted(FORMATS[name].losses)],
)
def test_each_declared_loss_is_one(name: str, column: str) -> None:
    # An id is lost where a claim has more hashes than one.
    other = {**PLAIN, "algorithm": "md5", "digest": bytes.fromhex(MD5)}
    first, second = (
        [{**record, column: value} for record in (PLAIN, other)] for value in (PLAIN[column], LOST[column])
    )
    lists = [ListSettings(name=str(rows[0]["list"])) for rows in (first, second)]
    rows = [
        come_back(name, written(name, records, stated)) for records, stated in zip((first, second), lists, strict=True)
    ]
    if column == "source_id":
        assert not {row["source_id"] for found in rows for row in found} & {PLAIN["source_id"], LOST["source_id"]}
    else:
        assert rows[0] == rows[1]


def test_an_id_stays_where_a_claim_has_one_hash_and_no_two_updates_share_one() -> None:
    other = {**PLAIN, "algorithm": "md5", "digest": bytes.fromhex(MD5)}
    rows = [
        {**PLAIN, "source_id": "a"},
        {**PLAIN, "source_id": "b"},
        {**other, "source_id": "b"},
        {**PLAIN, "source_id": "c"},
    ]
    found = json.loads(written("threatexchange", rows))["data"]
    assert [each["id"] for each in found] == ["a", f"b:pdq:{PDQ}", f"b:md5:{MD5}", "c"]
    rows = [{**PLAIN, "list": "one"}, {**PLAIN, "list": "two"}]
    lists = [ListSettings(name="one"), ListSettings(name="two")]
    found = json.loads(written("threatexchange", rows, *lists))["data"]
    assert [each["id"] for each in found] == ["one:1", "two:1"]
    assert len(come_back("threatexchange", written("threatexchange", rows, *lists))) == 2


def test_threatexchange_as_it_is_written() -> None:
    record = {
        **PLAIN,
        "algorithm": "md5",
        "digest": bytes.fromhex(MD5),
        "media_type": "video",
        "labels": ["entity:example", "severity:severe"],
        "opinion": "disputed",
        "share_level": "clear",
        "created_at": datetime(2020, 10, 1, tzinfo=timezone.utc),
        "updated_at": datetime(2020, 10, 1, 0, 0, 0, 500000, tzinfo=timezone.utc),
        "extra": '{"note":"é"}',
    }
    stated = ListSettings(name="one", share_level=ShareLevel.CLEAR)
    (found,) = json.loads(written("threatexchange", [record], stated))["data"]
    shared = {
        "share_level": "WHITE",
        "severity": "SEVERE",
        "tags": {"data": [{"text": "group:example"}, {"text": "media_type_video"}]},
    }
    assert found == {
        "id": "1",
        "indicator": MD5,
        "type": "HASH_VIDEO_MD5",
        "creation_time": 1601510400,
        "last_updated": 1601510400.5,
        "should_delete": False,
        "tags": ["group:example", "media_type_video"],
        "status": "MALICIOUS",
        "descriptors": {
            "data": [
                {"id": "1", "owner": {"id": "1"}, "status": "MALICIOUS", **shared},
                {"id": "2", "owner": {"id": "2"}, "status": "NON_MALICIOUS", **shared},
            ]
        },
        "note": "é",
    }


def test_what_members_said_is_written_as_they_said_it() -> None:
    stated = [descriptor(status="SUSPICIOUS"), descriptor(owner={"id": "616912251743988"}, tags=["cat:am"])]
    content = json.dumps(page(update(*stated, status="SUSPICIOUS", novelty=[1]))).encode()
    rows = come_back("threatexchange", content)
    again = written("threatexchange", [{**row, "list": "one", "said_at": EPOCH, "batch": 1} for row in rows])
    (found,) = json.loads(again)["data"]
    assert [each["owner"] for each in found["descriptors"]["data"]] == [each["owner"] for each in stated]
    assert [each["tags"] for each in found["descriptors"]["data"]] == [each["tags"] for each in stated]
    assert (found["status"], found["novelty"]) == ("SUSPICIOUS", [1])
    assert "extra" not in found
    assert come_back("threatexchange", again) == rows


@pytest.mark.parametrize(
    ("own", "of_list", "word", "tags"),
    [
        (None, "clear", "WHITE", []),
        (None, "green", "GREEN", []),
        (None, "amber+strict", "RED", ["tlp:amber+strict"]),
        ("clear", "amber+strict", "RED", ["tlp:amber+strict"]),
        ("clear", "red", "RED", []),
        ("amber+strict", "red", "RED", []),
        ("amber+strict", "amber", "RED", ["tlp:amber+strict"]),
        ("red", "clear", "RED", []),
        ("green", "clear", "GREEN", []),
    ],
)
def test_each_update_has_the_stricter_level_of_its_own_and_its_lists(
    own: str | None, of_list: str, word: str, tags: list[str]
) -> None:
    records = [{**PLAIN, "share_level": own}, {**PLAIN, "list": "other", "opinion": "disputed"}]
    lists = [ListSettings(name="one", share_level=ShareLevel(of_list)), ListSettings(name="other")]
    first, second = json.loads(written("threatexchange", records, *lists))["data"]
    (said,) = first["descriptors"]["data"]
    assert (said["share_level"], said["tags"]["data"]) == (word, [{"text": tag} for tag in tags])
    assert [said["share_level"] for said in second["descriptors"]["data"]] == ["AMBER", "AMBER"]


def test_beside_what_members_said_stands_ours_where_the_list_is_stricter() -> None:
    stated = descriptor(share_level="WHITE")
    (row,) = come_back("threatexchange", json.dumps(page(update(stated))).encode())
    record = {**row, "list": "one", "said_at": EPOCH, "batch": 1}
    again = written("threatexchange", [record], ListSettings(name="one", share_level=ShareLevel.RED))
    (found,) = json.loads(again)["data"]
    said = [(each["owner"]["id"], each["share_level"]) for each in found["descriptors"]["data"]]
    assert said == [("616912251743987", "WHITE"), ("1", "RED")]
    assert come_back("threatexchange", again) == [{**row, "share_level": "red"}]


def test_types_without_a_word_of_threatexchange_are_named_by_a_tag() -> None:
    records = [
        {**PLAIN, "algorithm": "phash", "digest": b"\1" * 8},
        {**PLAIN, "algorithm": "sha512", "digest": b"\1" * 64},
    ]
    found = json.loads(written("threatexchange", records))["data"]
    assert [(each["type"], each["tags"]) for each in found] == [
        ("DEBUG_STRING", ["signal_type:phash"]),
        ("DEBUG_STRING", ["signal_type:sha512"]),
    ]


def test_tcap_v1_as_it_is_written() -> None:
    records = [
        {**with_extra(file_type="png"), "media_type": "image", "labels": ["a:b", "ideology:far-right"]},
        {**PLAIN, "media_type": "video", "labels": ["ideology:a  b", "ideology:islamist"]},
        {**PLAIN, "opinion": "negative"},
        PLAIN,
    ]
    plain = {"hash_digest": PDQ, "algorithm": "PDQ"}
    assert json.loads(written("tcap-v1", records)) == [
        {**plain, "ideology": "Far-Right", "file_type": "png"},
        {**plain, "ideology": "Islamist", "file_type": "video"},
        plain,
    ]


@pytest.mark.parametrize("name", ["threatexchange", "tcap-v1"])
def test_an_allow_list_is_refused_before_anything_is_written(name: str) -> None:
    sink = io.BytesIO()
    with pytest.raises(FormatError, match=f"ours is an allow list; written as {name} it would be a list to block"):
        FORMATS[name].write([], {"ours": ListSettings(name="ours", role=Role.ALLOW)}, sink, ())
    assert sink.getvalue() == b""


@pytest.mark.parametrize(("name", "empty"), [("threatexchange", b'{"data":[],"paging":{}}\n'), ("tcap-v1", b"[]\n")])
def test_nothing_is_written_as_an_empty_list(name: str, empty: bytes) -> None:
    assert written(name, []) == empty
