from __future__ import annotations

import json
from typing import Any
from unittest import mock

import pytest

from hashmatch.algorithms import ALGORITHMS
from hashmatch.errors import FormatError
from hashmatch.formats import FORMATS, recognise
from hashmatch.formats.source import Source
from hashmatch.formats.tags import label_of
from hashmatch.records import Mode

from .samples import as_lines, read, rejects_of, rows_of
from .samples_intelligence import made_up, misp_attribute, misp_event, misp_object, uuid

MD5, SHA1, SHA256, PDQ = (made_up(name, 1) for name in ("md5", "sha1", "sha256", "pdq"))

EVENT = {
    "date": "2024-01-10",
    "info": "Propaganda of a made-up group",
    "organisation": "Example Partner",
    "uuid": uuid(100),
}


def document(*attributes: object, objects: tuple[object, ...] = (), **changes: object) -> bytes:
    return json.dumps(misp_event(100, Attribute=attributes, Object=objects, **changes)).encode()


def row_of(content: bytes) -> dict[str, Any]:
    (row,) = rows_of("misp", content)
    return row


def extra_of(content: bytes) -> dict[str, Any]:
    return {**json.loads(row_of(content).get("extra", "{}"))}


def skipped(content: bytes) -> dict[str, int]:
    (counts,) = [header["skipped"] for chunk in read("misp", content) for header in chunk.headers]
    return counts  # type: ignore[return-value]


def test_an_attribute_alone_is_a_claim() -> None:
    attribute = misp_attribute(
        1, comment="seen twice", first_seen="2024-01-01T00:00:00+00:00", Tag=[{"name": "leaflet"}]
    )
    assert row_of(document(attribute)) == {
        "line": 1,
        "source_id": uuid(1),
        "algorithm": "sha256",
        "digest": SHA256,
        "labels": ["ideology:far-right", "tag:leaflet"],
        "share_level": "green",
        "updated_at": "1704901040",
        "extra": json.dumps(
            {
                "category": "Payload delivery",
                "comment": "seen twice",
                "event": EVENT,
                "first_seen": "2024-01-01T00:00:00+00:00",
            },
            separators=(",", ":"),
        ),
    }
    assert FORMATS["misp"].mode is Mode.UPDATE
    assert not FORMATS["misp"].row_is_word


def in_object(number: int, kind: str, value: str, **changes: object) -> dict[str, object]:
    return misp_attribute(number, **{"type": kind, "value": value, "object_relation": kind, **changes})


def test_an_object_is_one_claim() -> None:
    record = misp_object(
        10,
        in_object(11, "md5", MD5, Tag=[{"name": "tlp:amber+strict"}]),
        in_object(12, "sha256", SHA256, to_ids=False, timestamp="1704901099"),
        in_object(13, "other", PDQ, object_relation="pdq"),
        in_object(14, "ssdeep", "3:abc:def"),
        in_object(15, "mime-type", "video/mp4", object_relation="mimetype"),
        in_object(16, "filename", "clip.mp4"),
        in_object(17, "filename", "copy.mp4"),
        in_object(18, "size-in-bytes", "1234"),
        comment="from a channel",
    )
    head = {
        "line": 1,
        "source_id": uuid(10),
        "media_type": "video/mp4",
        "labels": ["ideology:far-right"],
        "share_level": "amber+strict",
        "updated_at": "1704901099",
    }
    rows = rows_of("misp", document(objects=(record,)))
    extras = [json.loads(str(row.pop("extra"))) for row in rows]
    assert rows == [
        {**head, "algorithm": "md5", "digest": MD5},
        {**head, "algorithm": "sha256", "digest": SHA256, "opinion": "seed"},
        {**head, "algorithm": "pdq", "digest": PDQ},
    ]
    assert (
        extras
        == [
            {
                "attributes": {"filename": ["clip.mp4", "copy.mp4"], "mimetype": "video/mp4", "size-in-bytes": "1234"},
                "comment": "from a channel",
                "event": EVENT,
                "hashes": {"ssdeep": "3:abc:def"},
                "meta-category": "file",
                "name": "file",
            }
        ]
        * 3
    )


@pytest.mark.parametrize(
    ("kind", "value", "algorithm", "filename"),
    [
        ("md5", MD5, "md5", None),
        ("sha1", SHA1, "sha1", None),
        ("sha512", made_up("sha512", 1), "sha512", None),
        ("filename|md5", f"a|b.exe|{MD5}", "md5", "a|b.exe"),
        ("filename|sha256", f"ü.png|{SHA256}", "sha256", "ü.png"),
        ("malware-sample", f"a.exe|{MD5}", "md5", "a.exe"),
    ],
)
def test_types_of_hashes(kind: str, value: str, algorithm: str, filename: str | None) -> None:
    content = document(misp_attribute(1, type=kind, value=value, data="UEsDBA=="))
    row = row_of(content)
    assert (row["algorithm"], row["digest"]) == (algorithm, value.rpartition("|")[2])
    assert extra_of(content).get("filename") == filename
    assert "data" not in extra_of(content)


@pytest.mark.parametrize(
    "attribute",
    [
        misp_attribute(1, type="other", value=PDQ, comment="PDQ"),
        misp_attribute(1, type="text", value=PDQ, comment="pdq: of the first frame"),
        misp_attribute(1, type="other", value=PDQ, object_relation="PDQ"),
        misp_attribute(1, type="text", value=PDQ, object_relation="pdq-hash"),
    ],
)
def test_pdq_is_taken_where_relation_or_comment_says_so(attribute: dict[str, object]) -> None:
    assert row_of(document(attribute))["algorithm"] == "pdq"


@pytest.mark.parametrize(
    "attribute",
    [
        misp_attribute(1, type="other", value=PDQ),
        misp_attribute(1, type="text", value="see the list", comment="PDQ"),
        misp_attribute(1, type="other", value=PDQ, comment="pdqlike"),
        misp_attribute(1, type="link", value=PDQ, comment="PDQ"),
        misp_attribute(1, type="other", value=PDQ, object_relation="photo"),
        misp_attribute(1, type="x509-fingerprint-sha256", value=SHA256),
        misp_attribute(1, type="ja3-fingerprint-md5", value=MD5),
        misp_attribute(1, type="url", value="https://example.org/"),
    ],
)
def test_what_is_no_hash_of_a_file_is_counted_and_not_rejected(attribute: dict[str, object]) -> None:
    content = document(attribute, misp_attribute(2))
    assert [row["source_id"] for row in rows_of("misp", content)] == [uuid(2)]
    assert rejects_of("misp", content) == []
    assert skipped(content) == {attribute["type"]: 1}


def test_a_hash_that_we_have_no_algorithm_for_is_a_reject_that_names_it() -> None:
    content = document(
        misp_attribute(1, type="imphash", value=MD5), misp_attribute(2, type="filename|ssdeep", value="a|3:b:c")
    )
    (chunk,) = read("misp", content)
    assert [(reject.line, reject.reason, reject.source_id) for reject in chunk.rejects] == [
        (1, "part 1 of the event: no hash of an algorithm that we have, only imphash", uuid(1)),
        (1, "part 2 of the event: no hash of an algorithm that we have, only ssdeep", uuid(2)),
    ]


def test_deleted_is_a_withdrawal() -> None:
    assert row_of(document(misp_attribute(1, deleted=True))) == {
        "line": 1,
        "source_id": uuid(1),
        "updated_at": "1704901040",
        "withdrawn": True,
    }
    two = (in_object(11, "md5", MD5), in_object(12, "sha1", SHA1))
    gone = tuple({**attribute, "deleted": "1"} for attribute in two)
    for record in (misp_object(10, *two, deleted=True), misp_object(10, *gone)):
        row = row_of(document(objects=(record,)))
        assert (row["source_id"], row["withdrawn"], "digest" in row) == (uuid(10), True, False)
    row = row_of(document(objects=(misp_object(10, two[0], gone[1]),)))
    assert (row["algorithm"], "withdrawn" in row) == ("md5", False)


LIVE = misp_attribute(1, timestamp="100")
OBJECT = misp_object(10, in_object(11, "md5", MD5, timestamp="100"), timestamp="100")
VERSIONS = {
    "an attribute that was deleted": (LIVE, misp_attribute(1, deleted=True, timestamp="200"), [None]),
    "deleted at an equal date": (LIVE, misp_attribute(1, deleted=True, timestamp="100"), [None]),
    "restored": (misp_attribute(1, deleted=True, timestamp="50"), LIVE, [SHA256]),
    "another value": (LIVE, misp_attribute(1, type="md5", value=MD5, timestamp=200), [MD5]),
    "an object that was deleted": (OBJECT, {"uuid": uuid(10), "deleted": True, "timestamp": "101"}, [None]),
    "an object whose hash was deleted": (
        OBJECT,
        misp_object(10, in_object(11, "md5", MD5, deleted=True, timestamp="100"), timestamp="100"),
        [None],
    ),
    "an object whose hash changed": (
        OBJECT,
        misp_object(10, in_object(11, "sha1", SHA1, timestamp="300"), timestamp="100"),
        [SHA1],
    ),
}


@pytest.mark.parametrize("what", VERSIONS)
@pytest.mark.parametrize("turned", [False, True])
def test_of_several_versions_the_newest_counts_wherever_it_stands(what: str, turned: bool) -> None:
    *versions, digests = VERSIONS[what]
    kind = "Object" if "object" in what else "Attribute"
    events = [misp_event(place, **{kind: [version]}) for place, version in enumerate(versions)]
    together = misp_event(5, **{kind: versions[::-1] if turned else versions})
    for content in (as_lines(*(reversed(events) if turned else events)), json.dumps(together).encode()):
        rows = rows_of("misp", content)
        assert [row.get("digest") for row in rows] == digests
        assert [row.get("withdrawn", False) for row in rows] == [digest is None for digest in digests]
        assert skipped(content) == {"older version": 1}


def test_a_deletion_that_does_not_say_of_what_is_a_withdrawal() -> None:
    bare = {"uuid": uuid(10), "deleted": True, "timestamp": "200"}
    said = {"line": 1, "source_id": uuid(10), "updated_at": "200", "withdrawn": True}
    for content in (document(bare), document(objects=(bare,)), document(objects=({**bare, "Attribute": []},))):
        row = row_of(content)
        assert {key: row[key] for key in said} == said
    other = misp_object(10, in_object(11, "first-name", "A", deleted=True), name="person", deleted=True)
    for content in (document({**bare, "type": "ip-dst"}), document(objects=(other,))):
        assert rows_of("misp", content) == []


def test_not_for_detection_is_a_seed() -> None:
    assert row_of(document(misp_attribute(1, to_ids=False)))["opinion"] == "seed"
    assert row_of(document(misp_attribute(1, to_ids="0")))["opinion"] == "seed"
    unsaid = misp_attribute(1)
    del unsaid["to_ids"]
    assert "opinion" not in row_of(document(unsaid))


@pytest.mark.parametrize(
    ("tags", "level", "labels"),
    [
        (["tlp:white"], "clear", None),
        (["TLP:CLEAR"], "clear", None),
        (["tlp:green", "tlp:red"], "red", None),
        (["tlp:amber"], "amber", None),
        (["tlp:amber+strict", "tlp:amber"], "amber+strict", None),
        (["tlp:ex:chr"], "red", None),
        (['misp-galaxy:threat-actor="X"', "Nazi", "Nazi", " "], None, ['misp-galaxy:threat-actor="X"', "tag:Nazi"]),
    ],
)
def test_tags(tags: list[str], level: str | None, labels: list[str] | None) -> None:
    names = [{"name": tag} for tag in tags]
    for content in (document(misp_attribute(1), Tag=names), document(misp_attribute(1, Tag=names), Tag=None)):
        assert (row_of(content).get("share_level"), row_of(content).get("labels")) == (level, labels)


@pytest.mark.parametrize("stamp", ["0", 0, "", None])
def test_a_time_of_nothing_is_none(stamp: object) -> None:
    assert "updated_at" not in row_of(document(misp_attribute(1, timestamp=stamp)))


def test_a_time_that_is_none_is_left_for_the_checks() -> None:
    record = misp_object(10, in_object(11, "md5", MD5, timestamp="yesterday"), in_object(12, "sha1", SHA1))
    assert {row["updated_at"] for row in rows_of("misp", document(objects=(record,)))} == {"yesterday"}
    assert row_of(document(misp_attribute(1, timestamp="9" * 5000)))["updated_at"] == "9" * 5000


def test_every_way_of_keeping_events_gives_the_same_rows() -> None:
    one, two = misp_event(100, Attribute=[misp_attribute(1)]), misp_event(100, Attribute=[misp_attribute(2)])
    contents = [
        json.dumps([one, two]).encode(),
        json.dumps([one, two], indent=2).encode(),
        json.dumps({"response": [one, two]}, indent=1).encode(),
        json.dumps([one["Event"], two["Event"]]).encode(),
        as_lines(one, two),
        as_lines({"response": [one, two]}),
        as_lines({"response": one}, {"response": two}),
    ]
    rows = [row_of(json.dumps(event).encode()) for event in (one, two)]
    for content in contents:
        assert recognise(Source(content=content), ALGORITHMS).name == "misp"
        assert [{**row, "line": 1} for row in rows_of("misp", content)] == rows


def test_the_answer_to_a_search_for_attributes() -> None:
    content = json.dumps({"response": {"Attribute": [misp_attribute(1), misp_attribute(2)]}}).encode()
    assert recognise(Source(content=content), ALGORITHMS).name == "misp"
    assert [row["source_id"] for row in rows_of("misp", content)] == [uuid(1), uuid(2)]


def test_events_are_numbered_and_lines_keep_their_numbers() -> None:
    events = [misp_event(n, Attribute=[misp_attribute(n)]) for n in (1, 2)]
    assert [row["line"] for row in rows_of("misp", json.dumps(events).encode())] == [1, 2]
    assert [row["line"] for row in rows_of("misp", b"\n" + as_lines(events[0]) + b"\n" + as_lines(events[1]))] == [2, 4]


def test_an_event_without_hashes_is_in_the_format() -> None:
    content = document(
        misp_attribute(1, type="ip-dst", value="198.51.100.1"), objects=(misp_object(10, name="person"),)
    )
    assert rows_of("misp", content) == []
    assert skipped(content) == {"ip-dst": 1, "person": 1}


def test_a_search_that_found_nothing_is_in_the_format() -> None:
    content = b'{"response": []}\n'
    assert recognise(Source(content=content), ALGORITHMS).name == "misp"
    assert (rows_of("misp", content), rejects_of("misp", content)) == ([], [])


def test_bad_parts_are_rejects_and_the_next_goes_on() -> None:
    bad = [
        5,
        misp_attribute(2, type="filename|md5", value=MD5),
        misp_attribute(3, value=[SHA256]),
        misp_attribute(4, Tag="tlp:red"),
        misp_attribute(5, deleted="perhaps"),
        misp_attribute(6, Tag=[{"name": f"t{n}"} for n in range(1001)]),
        misp_attribute(7, x=json.loads("[" * 70 + "]" * 70)),
    ]
    objects = (misp_object(10, 5), misp_object(11, Attribute={"a": 1}), misp_object(12, in_object(13, "md5", MD5)))
    (chunk,) = read("misp", document(*bad, misp_attribute(8), objects=objects))
    assert chunk.rows.column("source_id").to_pylist() == [uuid(8), uuid(12)]
    ids = [None, *(uuid(n) for n in (2, 3, 4, 5, 6, 7, 10, 11))]
    assert [reject.source_id for reject in chunk.rejects] == ids
    places = [int(reject.reason.split()[1]) for reject in chunk.rejects]
    assert places == [*range(1, 8), 9, 10]


def test_bad_events_are_rejects_and_the_next_goes_on() -> None:
    good = misp_event(1, Attribute=[misp_attribute(1)])
    events = [good, 5, {}, {"Event": 5}, misp_event(2, Attribute={"a": 1}), misp_event(3, Tag=[5]), good]
    content = json.dumps(events).encode()
    assert [row["line"] for row in rows_of("misp", content)] == [1, 7]
    assert [line for line, _ in rejects_of("misp", content)] == [2, 3, 4, 5, 6]
    torn = as_lines(good)[:-30] + b"\n" + as_lines(good, good)
    assert [row["line"] for row in rows_of("misp", torn)] == [2, 3]


def test_what_an_event_says_is_repeated_within_bounds() -> None:
    long = "x" * 100_000
    event = extra_of(document(misp_attribute(1), info=long, date=long, Orgc={"name": long}))["event"]
    assert [len(event[name]) for name in ("info", "date", "organisation")] == [1000] * 3
    tags = [{"name": "x" * 9_000}, {"name": "y" * 9_000}]
    assert rejects_of("misp", document(misp_attribute(1), Tag=tags) + b"\n" + document(misp_attribute(2)))[0][0] == 1


def test_the_tags_of_an_event_are_read_once_for_all_that_is_in_it() -> None:
    attributes = [misp_attribute(number) for number in range(1, 50)]
    tags = [{"name": f"tag {number}"} for number in range(100)]
    with mock.patch("hashmatch.formats.misp_claims.label_of", wraps=label_of) as reading:
        rows = rows_of("misp", document(*attributes, Tag=tags))
    assert {len(row["labels"]) for row in rows} == {100}  # type: ignore[arg-type]
    # Once for the versions, and once for the rows.
    assert reading.call_count == 2 * 100


@pytest.mark.parametrize("name", ["hashes.csv", "list"])
def test_the_index_of_a_feed_is_refused_since_it_holds_no_hashes_of_files(name: str) -> None:
    content = f"{MD5},{uuid(1)}\n{MD5},{uuid(2)}\n".encode()
    assert recognise(Source(content=content, name=name), ALGORITHMS).name == "misp"
    with pytest.raises(FormatError, match=rf"^{name} is the index of a MISP feed: .* import the feed's events$"):
        read("misp", content, file=name)


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[1, 2]", b"7", b'{"Event": 5}', b'{"response": 5}', document()[:-5], b'{"Event":' * 100_000],
)
def test_what_is_no_event_is_a_format_error(content: bytes) -> None:
    with pytest.raises(FormatError, match=r"^list [^\n]+$"):
        read("misp", content)
