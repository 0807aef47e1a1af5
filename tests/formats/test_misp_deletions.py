"""What MISP says was deleted is withdrawn, whatever stands beside it."""

from __future__ import annotations

import json

import pytest

from .samples import read, rejects_of, rows_of
from .samples_intelligence import misp_attribute, misp_event, misp_object, uuid
from .test_misp import MD5, SHA1, SHA256, document, in_object, row_of, skipped

NESTED = json.loads("[" * 70 + "]" * 70)
GONE_ATTRIBUTES = {
    "tags that are none": misp_attribute(1, Tag="x"),
    "a value that is none": misp_attribute(1, value=[SHA256]),
    "a pair without a bar": misp_attribute(1, type="filename|md5", value=MD5),
    "a type that is none": misp_attribute(1, type=["md5"]),
    "a free text that is none": misp_attribute(1, type="text", comment="PDQ", value={}),
    "whether it is for detection": misp_attribute(1, to_ids="perhaps"),
    "a field nested too deeply": misp_attribute(1, x=NESTED),
}


@pytest.mark.parametrize("what", GONE_ATTRIBUTES)
def test_of_an_attribute_that_was_deleted_only_id_and_date_have_to_be_right(what: str) -> None:
    bad = GONE_ATTRIBUTES[what]
    (row,) = rows_of("misp", document({**bad, "deleted": True}))
    assert row == {"line": 1, "source_id": uuid(1), "updated_at": "1704901040", "withdrawn": True}
    if "detection" not in what:
        assert rows_of("misp", document(bad, misp_attribute(2)))[0]["source_id"] == uuid(2)


TWO = (in_object(11, "md5", MD5), in_object(12, "sha1", SHA1))
GONE = tuple({**attribute, "deleted": True} for attribute in TWO)
GONE_OBJECTS = {
    "tags that are none": misp_object(10, {**TWO[0], "Tag": "x"}, deleted=True),
    "attributes that are none": misp_object(10, Attribute={"a": 1}, deleted=True),
    "an attribute that is none": misp_object(10, 5, deleted=True),
    "an attribute that cannot be read": misp_object(10, {**TWO[0], "value": {}}, deleted=True),
    "a field nested too deeply": misp_object(10, *TWO, x=NESTED, deleted=True),
    "tags of hashes that were deleted": misp_object(10, *({**gone, "Tag": "x"} for gone in GONE)),
    "a hash that was deleted and cannot be read": misp_object(10, {**GONE[0], "value": []}, GONE[1]),
    "tags of what is no hash": misp_object(10, *GONE, in_object(13, "filename", "a.exe", Tag="x")),
}


@pytest.mark.parametrize("what", GONE_OBJECTS)
def test_of_an_object_that_was_deleted_only_id_and_dates_have_to_be_right(what: str) -> None:
    row = row_of(document(objects=(GONE_OBJECTS[what],)))
    assert (row["source_id"], row["withdrawn"]) == (uuid(10), True)
    assert set(row) == {"line", "source_id", "updated_at", "withdrawn"}


def test_a_hash_that_was_deleted_and_cannot_be_read_costs_its_object_nothing() -> None:
    row = row_of(document(objects=(misp_object(10, TWO[0], {**GONE[1], "value": []}),)))
    assert (row["source_id"], row["digest"]) == (uuid(10), MD5)


@pytest.mark.parametrize("raw", [b"1e400", b'"\xff"', b"[" * 600 + b"]" * 600])
def test_a_deletion_counts_whatever_cannot_be_read_beside_it(raw: bytes) -> None:
    gone = (misp_attribute(1, deleted=True, comment="SPOILT"), misp_object(10, *TWO, deleted=True, comment="SPOILT"))
    content = document(gone[0], misp_attribute(2, comment="SPOILT"), objects=(gone[1],)).replace(b'"SPOILT"', raw)
    (chunk,) = read("misp", content)
    assert chunk.rows.column("source_id").to_pylist() == [uuid(1), uuid(10)]
    assert chunk.rows.column("withdrawn").to_pylist() == [True, True]
    assert [reject.source_id for reject in chunk.rejects] == [uuid(2)]


def test_what_an_event_whose_tags_cannot_be_read_deletes_is_deleted() -> None:
    parts = [misp_attribute(1, deleted=True), misp_attribute(2), misp_attribute(3, timestamp="9999999999")]
    event = misp_event(1, Tag=[5], Attribute=parts, Object=[misp_object(10, *GONE)])
    content = json.dumps([event, misp_event(2, Attribute=[misp_attribute(1), misp_attribute(3)])]).encode()
    rows = rows_of("misp", content)
    assert [(row["source_id"], row.get("withdrawn", False)) for row in rows] == [
        (uuid(1), True),
        (uuid(10), True),
        (uuid(3), False),
    ]
    assert rejects_of("misp", content) == [(1, "Tag is no array of objects")]
    assert skipped(content) == {"older version": 1}


def test_an_unreadable_date_of_a_deletion_is_a_reject() -> None:
    ((_, reason),) = rejects_of("misp", document(misp_attribute(1, deleted=True, timestamp=[1])) + b"\n" + document())
    assert reason == "part 1 of the event: an array as timestamp, where one value is meant"


@pytest.mark.parametrize("name", [None, "", " "])
def test_what_was_deleted_and_has_no_uuid_is_a_reject_that_says_so(name: str | None) -> None:
    parts = (misp_attribute(1, deleted=True, uuid=name),)
    objects = (misp_object(10, *TWO, deleted=True, uuid=name), misp_object(10, *GONE, uuid=name))
    reasons = [reason for _, reason in rejects_of("misp", document(*parts, objects=objects))]
    assert reasons == [f"part {place} of the event: it is deleted, but has no uuid" for place in (1, 2, 3)]
