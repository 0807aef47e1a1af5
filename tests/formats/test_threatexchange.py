from __future__ import annotations

import json

import pytest

from hashmatch.algorithms import ALGORITHMS
from hashmatch.formats import FORMATS, recognise
from hashmatch.formats.source import HEAD_BYTES, Source
from hashmatch.formats.threatexchange_descriptors import STATUSES
from hashmatch.records import Mode

from .samples import as_lines, read, rejects_of, rows_of
from .samples_exchanges import MD5, PDQ, descriptor, page, update

KEPT = {
    "added_on": "2020-07-01T18:31:15+0000",
    "confidence": 75,
    "id": "3058061737574159",
    "owner": {"id": "616912251743987", "name": "Example Member"},
    "severity": "SEVERE",
    "share_level": "AMBER",
    "status": "MALICIOUS",
    "tags": {"data": [{"id": "11", "text": "group:example"}, {"id": "12", "text": "media_type_photo"}]},
}
GOLDEN = {
    "line": 1,
    "source_id": "2819000000000001",
    "algorithm": "pdq",
    "digest": PDQ,
    "media_type": "image",
    "labels": ["entity:example", "severity:severe"],
    "opinion": "positive",
    "share_level": "amber",
    "created_at": "1601513795",
    "updated_at": "1601513796",
    "withdrawn": False,
    "extra": json.dumps({"descriptors": [KEPT]}, separators=(",", ":"), sort_keys=True),
}


def document(*updates: dict[str, object]) -> bytes:
    return json.dumps(page(*updates)).encode()


def row_of(*descriptors: dict[str, object], **changes: object) -> dict[str, object]:
    """The only row of a page of one update."""
    (row,) = rows_of("threatexchange", document(update(*descriptors, **changes)))
    return row


def reason_of(*descriptors: dict[str, object], **changes: object) -> str:
    """Why the only update of a page is rejected."""
    ((_, reason),) = rejects_of("threatexchange", document(update(*descriptors, **changes)))
    return reason


def headers_of(content: bytes) -> list[object]:
    return [dict(header) for chunk in read("threatexchange", content) for header in chunk.headers]


def without(key: str, **changes: object) -> dict[str, object]:
    changed = update(**changes)
    del changed[key]
    return changed


def test_an_update_under_our_names() -> None:
    assert rows_of("threatexchange", document(update())) == [GOLDEN]
    assert FORMATS["threatexchange"].mode is Mode.UPDATE
    assert FORMATS["threatexchange"].row_is_word


ONE, TWO = update(id="1"), update(id="2")


@pytest.mark.parametrize(
    "content",
    [
        document(ONE, TWO),
        json.dumps(page(ONE, TWO), indent=2).encode(),
        json.dumps([page(ONE), page(TWO)]).encode(),
        json.dumps([ONE, TWO], indent=1).encode(),
        as_lines(page(ONE), page(TWO)),
        as_lines(page(ONE, TWO)),
        as_lines(ONE, TWO),
        as_lines(page(ONE)) + as_lines(TWO),
        b"\n \n" + as_lines(ONE) + b"\r\n\n" + as_lines(TWO),
    ],
)
def test_every_way_of_keeping_pages_gives_the_same_rows(content: bytes) -> None:
    assert recognise(Source(content=content), ALGORITHMS).name == "threatexchange"
    rows = [{**row, "line": 0} for row in rows_of("threatexchange", content)]
    assert rows == [{**GOLDEN, "line": 0, "source_id": name} for name in ("1", "2")]


@pytest.mark.parametrize(
    ("kind", "tags", "algorithm", "media_type"),
    [
        ("HASH_PDQ", [], "pdq", None),
        ("hash_pdq", ["media_type_video"], "pdq", "video"),
        ("HASH_MD5", [], "md5", None),
        ("HASH_MD5", ["media_type_video"], "md5", "video"),
        ("HASH_MD5", ["media_type_photo"], "md5", "image"),
        ("HASH_VIDEO_MD5", [], "md5", "video"),
        ("HASH_SHA1", [], "sha1", None),
        ("HASH_SHA256", [], "sha256", None),
        ("HASH_VIDEO_SHA256", [], "sha256", "video"),
        ("DEBUG_STRING", ["signal_type:phash"], "phash", None),
        ("DEBUG_STRING", ["signal_type:video_md5"], "md5", "video"),
    ],
)
def test_types_and_what_they_stand_for(kind: str, tags: list[str], algorithm: str, media_type: str | None) -> None:
    row = row_of(descriptor(tags=tags, severity="UNKNOWN"), type=kind, tags=[])
    assert (row["algorithm"], row.get("media_type"), row["labels"]) == (algorithm, media_type, [])


@pytest.mark.parametrize(
    ("kind", "tags", "reason"),
    [
        ("HASH_TMK", [], "'HASH_TMK' is no kind of hash that is known here"),
        ("HASH_PHOTODNA", [], "'HASH_PHOTODNA' is no kind of hash"),
        ("HASH_SSDEEP", [], "'HASH_SSDEEP' is no kind of hash"),
        ("URI", [], "'URI' is no kind of hash"),
        ("TEXT_STRING", [], "'TEXT_STRING' is no kind of hash"),
        ("", [], "'' is no kind of hash"),
        ("x" * 1000, [], "'xxxxx"),
        ("DEBUG_STRING", [], "DEBUG_STRING with 0 tags that begin with signal_type:"),
        ("DEBUG_STRING", ["signal_type:pdq", "signal_type:md5"], "DEBUG_STRING with 2 tags"),
        ("DEBUG_STRING", ["signal_type:vpdq"], "'vpdq' is no kind of hash"),
        ("DEBUG_STRING", ["signal_type:url_md5"], "'url_md5' is no kind of hash"),
    ],
)
def test_what_is_no_hash_of_ours_is_a_reject_that_names_it(kind: str, tags: list[str], reason: str) -> None:
    found = reason_of(type=kind, tags=tags)
    assert found.startswith(reason)
    assert len(found) < 200


@pytest.mark.parametrize(
    ("tag", "label"),
    [
        ("group:Example Group", "entity:Example Group"),
        ("media_priority_s3", "priority:s3"),
        ("media_priority_crisis", "priority:crisis"),
        ("cat:am", "category:am"),
        ("source:example", "source:example"),
        ("ideology:far-right", "ideology:far-right"),
        ("plain", "tag:plain"),
        ("Group:x", "tag:Group:x"),
        ("a: b", "a: b"),
        ("é", "tag:é"),
        ("media_type_long_hash_video", "tag:media_type_long_hash_video"),
        ("media_type_hologram", "tag:media_type_hologram"),
        ("label:bare", "bare"),
    ],
)
def test_tags_become_labels(tag: str, label: str) -> None:
    assert row_of(descriptor(tags=[tag], severity=None), tags=[])["labels"] == [label]


def test_tags_of_the_update_and_of_all_descriptors_count_in_every_shape() -> None:
    shapes: list[object] = [
        ["b"],
        {"data": [{"id": "1", "text": "c"}, {"text": "b"}]},
        [{"text": "d"}],
        {"data": []},
        None,
        {},
    ]
    descriptors = [descriptor(tags=tags, severity=None) for tags in shapes]
    assert row_of(*descriptors, tags=["a", ""])["labels"] == ["tag:a", "tag:b", "tag:c", "tag:d"]


def test_tags_that_disagree_on_the_media_type_name_none_and_stay() -> None:
    row = row_of(descriptor(tags=["media_type_video"], severity=None), tags=["media_type_photo"])
    assert "media_type" not in row
    assert row["labels"] == ["tag:media_type_photo", "tag:media_type_video"]
    row = row_of(descriptor(tags=["media_type_photo"], severity=None), tags=[], type="HASH_VIDEO_MD5", indicator=MD5)
    assert "media_type" not in row


def said(status: object, owner: object = None, **changes: object) -> dict[str, object]:
    return {"id": "9", "owner": {"id": owner or f"5000{status}"}, "status": status, **changes}


def reacted(**reactions: str) -> dict[str, object]:
    return {"reactions": [{"key": key, "value": value} for key, value in reactions.items()]}


@pytest.mark.parametrize(
    ("descriptors", "opinion"),
    [
        ([said("MALICIOUS")], "positive"),
        ([said("NON_MALICIOUS")], "negative"),
        ([said("SUSPICIOUS")], "seed"),
        ([said("UNKNOWN")], "seed"),
        ([said("SOMETHING_NEW")], "seed"),
        ([said("MALICIOUS"), said("UNKNOWN")], "positive"),
        ([said("MALICIOUS"), said("NON_MALICIOUS")], "disputed"),
        ([said("UNKNOWN"), said("NON_MALICIOUS")], "disputed"),
        ([said("NON_MALICIOUS", "1001"), said("NON_MALICIOUS", "1002")], "negative"),
        ([said("UNKNOWN", **reacted(HELPFUL="7001,7002"))], "positive"),
        ([said("MALICIOUS", **reacted(DISAGREE_WITH_TAGS="7001"))], "disputed"),
        ([said("MALICIOUS", **reacted(NON_MALICIOUS="7001"))], "disputed"),
        ([said("MALICIOUS", **reacted(INGESTED="7001", SAW_THIS_TOO="7001"))], "positive"),
        ([said("MALICIOUS", **reacted(HELPFUL="7001", DISAGREE_WITH_TAGS="7001"))], "positive"),
        ([said("MALICIOUS", **reacted(DISAGREE_WITH_TAGS="7001", HELPFUL="7001"))], "positive"),
        ([said("MALICIOUS", "7001", **reacted(DISAGREE_WITH_TAGS="7001"))], "positive"),
        ([said("NON_MALICIOUS", "7001"), said("MALICIOUS", "7001")], "positive"),
        ([{"status": "NON_MALICIOUS"}, {"status": "MALICIOUS"}], "disputed"),
        ([{"id": "9"}], "positive"),
        ([said(None)], "positive"),
    ],
)
def test_opinions_of_all_members_are_united(descriptors: list[dict[str, object]], opinion: str) -> None:
    assert row_of(*descriptors)["opinion"] == opinion


@pytest.mark.parametrize(
    ("status", "opinion", "extra"),
    [
        ("MALICIOUS", "positive", None),
        ("NON_MALICIOUS", "negative", None),
        ("UNKNOWN", "seed", None),
        ("SUSPICIOUS", "seed", '{"status":"SUSPICIOUS"}'),
        (None, None, None),
    ],
)
def test_without_descriptors_the_status_of_the_indicator_counts(
    status: str | None, opinion: str | None, extra: str | None
) -> None:
    (row,) = rows_of("threatexchange", document(without("descriptors", status=status)))
    assert (row.get("opinion"), row.get("extra"), row["withdrawn"]) == (opinion, extra, False)


@pytest.mark.parametrize("status", ["NON_MALICIOUS", "UNKNOWN", None])
def test_a_descriptor_whose_status_is_null_says_what_the_update_says(status: str | None) -> None:
    opinion = {"NON_MALICIOUS": "negative"}.get(status or "", "seed")
    assert row_of({"id": "9"}, status=status)["opinion"] == opinion
    assert row_of(said(None), status=status)["opinion"] == opinion


@pytest.mark.parametrize(
    ("changes", "withdrawn"),
    [
        ({}, False),
        ({"should_delete": True}, True),
        ({"descriptors": {"data": []}}, True),
        ({"descriptors": []}, True),
        ({"descriptors": {}}, True),
        ({"type": "HASH_TMK", "should_delete": True}, True),
        ({"indicator": None, "should_delete": True}, True),
    ],
)
def test_what_was_deleted_or_has_no_descriptors_left_is_withdrawn(changes: dict[str, object], withdrawn: bool) -> None:
    row = row_of(**changes)
    assert (row["withdrawn"], row["source_id"], row["updated_at"]) == (withdrawn, "2819000000000001", "1601513796")


def test_no_descriptors_mean_withdrawn_only_where_they_were_asked_for() -> None:
    bare = without("descriptors", id="2")
    for content in (
        document(bare, bare),
        as_lines(bare, bare),
        as_lines(page(bare, bare)),
        document(without("descriptors", description='"descriptors"'), bare),
    ):
        assert [row["withdrawn"] for row in rows_of("threatexchange", content)] == [False, False]
    for content in (document(bare, ONE), document(ONE, bare), as_lines(bare, ONE), json.dumps([bare, ONE]).encode()):
        found = {row["source_id"]: row["withdrawn"] for row in rows_of("threatexchange", content)}
        assert found == {"2": True, "1": False}
    count = HEAD_BYTES // 200
    far = as_lines(*[page(without("descriptors", id=str(n))) for n in range(count)], page(ONE, bare))
    assert [row["withdrawn"] for row in rows_of("threatexchange", far)] == [*[False] * count, False, True]


@pytest.mark.parametrize("name", [None, "", " "])
@pytest.mark.parametrize("gone", [{"should_delete": True}, {"descriptors": {"data": []}}])
def test_a_withdrawal_without_id_is_a_reject(name: str | None, gone: dict[str, object]) -> None:
    assert reason_of(id=name, **gone) == "it takes a claim back, but has no id that says which"


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        (["WHITE"], "clear"),
        (["GREEN"], "green"),
        (["red"], "red"),
        (["UNKNOWN"], None),
        ([None], None),
        (["WHITE", "AMBER", "GREEN"], "amber"),
        (["WHITE", "UNKNOWN"], "clear"),
        (["GREEN", "VIOLET"], "red"),
    ],
)
def test_the_strictest_share_level_counts(levels: list[str | None], expected: str | None) -> None:
    assert row_of(*[descriptor(share_level=level) for level in levels]).get("share_level") == expected


def test_amber_strict_is_red_with_a_tag() -> None:
    row = row_of(descriptor(share_level="RED", tags=["tlp:amber+strict"], severity=None), tags=[])
    assert (row["share_level"], row["labels"]) == ("amber+strict", [])
    row = row_of(descriptor(share_level="WHITE", tags=["tlp:amber+strict"], severity=None), tags=[])
    assert (row["share_level"], row["labels"]) == ("clear", ["tlp:amber+strict"])


@pytest.mark.parametrize(
    ("severities", "label"),
    [
        (["UNKNOWN"], []),
        (["INFO"], ["severity:info"]),
        (["SEVERE", "APOCALYPSE", "WARNING"], ["severity:apocalypse"]),
        (["DIRE", "INFO"], ["severity:info"]),
        (["DIRE"], ["severity:dire"]),
    ],
)
def test_the_highest_severity_is_a_label(severities: list[str], label: list[str]) -> None:
    assert row_of(*[descriptor(severity=word, tags=[]) for word in severities], tags=[])["labels"] == label


def test_what_else_is_said_is_kept_and_access_tokens_are_not() -> None:
    link = {"next": "https://example.org/?access_token=SECRET"}
    row = row_of(
        descriptor(
            tags={"data": [{"text": "x"}], "paging": link},
            indicator={"id": "2819000000000001", "type": "HASH_PDQ"},
            description="of a member",
            reactions=[{"key": "HELPFUL", "value": "7001"}],
        ),
        applications_with_opinions=["616912251743987"],
        novelty={"b": 1, "a": [2**70, 0.1]},
        descriptors={"data": [descriptor(extra="mine")], "paging": link},
    )
    extra = json.loads(str(row["extra"]))
    assert extra["novelty"] == {"b": 1, "a": [2**70, 0.1]}
    assert extra["applications_with_opinions"] == ["616912251743987"]
    assert extra["descriptors"] == [{**KEPT, "extra": "mine"}]
    row = row_of(
        descriptor(
            tags={"data": [{"text": "x"}], "paging": link},
            indicator={"id": "2819000000000001", "type": "HASH_PDQ"},
            reactions=[{"key": "HELPFUL", "value": "7001"}],
        )
    )
    (kept,) = json.loads(str(row["extra"]))["descriptors"]
    assert kept == {**KEPT, "tags": {"data": [{"text": "x"}]}, "reactions": [{"key": "HELPFUL", "value": "7001"}]}
    assert "SECRET" not in str(row)


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ([5, 7, 6], [{"checkpoint": "7"}]),
        (["1601513796", 3], [{"checkpoint": "1601513796"}]),
        ([1601513796.9], [{"checkpoint": "1601513796"}]),
        ([0], [{"checkpoint": "0"}]),
        ([None], []),
        (["2020-01-01T00:00:00Z"], []),
        ([10**18, -5, "9" * 30, [1], {}], []),
    ],
)
def test_the_highest_date_of_an_update_is_the_checkpoint(dates: list[object], expected: object) -> None:
    updates = [update(id=str(n), last_updated=date) for n, date in enumerate(dates)]
    assert headers_of(document(*updates)) == expected
    assert headers_of(as_lines(*[page(each) for each in updates])) == expected


def test_an_update_that_is_rejected_moves_the_checkpoint_too() -> None:
    content = document(ONE, update(id="2", type="HASH_TMK", last_updated=1700000000))
    assert headers_of(content) == [{"checkpoint": "1700000000"}]


@pytest.mark.parametrize(
    "content", [page(ONE, TWO), [page(ONE), page(TWO)], [ONE, TWO], [page(), page(ONE), page(TWO)]]
)
def test_the_order_of_keys_does_not_matter(content: object) -> None:
    text = json.dumps(content, sort_keys=True).encode()
    assert recognise(Source(content=text), ALGORITHMS).name == "threatexchange"
    assert [row["source_id"] for row in rows_of("threatexchange", text)] == ["1", "2"]


def test_every_opinion_has_a_status() -> None:
    assert {row_of(said(status))["opinion"] for status in STATUSES.values()} == {"positive", "negative", "seed"}
