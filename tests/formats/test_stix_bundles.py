"""Bundles within arrays and bundles are opened; what is revoked in them is withdrawn, whatever stands beside it."""

from __future__ import annotations

import json

import pytest

from hashmatch.algorithms import ALGORITHMS
from hashmatch.formats import recognise
from hashmatch.formats.source import Source

from .samples import read, rejects_of, rows_of
from .samples_intelligence import made_up, stix_bundle, stix_file, stix_id, stix_indicator
from .test_stix import marking, row_of, skipped


def bundle(*objects: object, **changes: object) -> dict[str, object]:
    return {"type": "bundle", "id": stix_id("bundle", 1), "objects": objects, **changes}


ONE_FILE, TWO_FILE, THREE_FILE = (stix_file(number, hashes={"MD5": made_up("md5", number)}) for number in (1, 2, 3))


@pytest.mark.parametrize(
    "content",
    [
        [bundle(ONE_FILE), bundle(TWO_FILE, THREE_FILE)],
        [bundle(ONE_FILE), TWO_FILE, bundle(), bundle(THREE_FILE)],
        [{"more": True, "objects": [ONE_FILE]}, {"objects": [TWO_FILE, THREE_FILE], "more": False}],
        bundle(ONE_FILE, bundle(TWO_FILE), THREE_FILE),
        {"more": False, "objects": [bundle(ONE_FILE, TWO_FILE), bundle(THREE_FILE)]},
        [bundle(bundle(ONE_FILE), TWO_FILE), THREE_FILE],
    ],
)
def test_bundles_in_an_array_and_within_a_bundle_are_opened(content: object) -> None:
    text = json.dumps(content).encode()
    assert recognise(Source(content=text), ALGORITHMS).name == "stix"
    rows = rows_of("stix", text)
    assert [(row["line"], row["source_id"]) for row in rows] == [(n, stix_id("file", n)) for n in (1, 2, 3)]
    assert rejects_of("stix", text) == []
    assert [chunk.headers for chunk in read("stix", text)] == [()]


def test_versions_and_markings_count_across_bundles() -> None:
    old, new = stix_indicator(1, modified="2024-01-01T00:00:00Z"), stix_indicator(1, revoked=True)
    ref = stix_id("marking-definition", 5)
    content = json.dumps([bundle(new), bundle(old, stix_indicator(2, object_marking_refs=[ref]))]).encode()
    content = content[:-1] + b"," + json.dumps(bundle(marking(5, name="TLP:RED"))).encode() + b"]"
    first, second = rows_of("stix", content)
    assert (first["withdrawn"], second["share_level"]) == (True, "red")
    assert skipped(content) == {"older version": 1, "marking-definition": 1}


@pytest.mark.parametrize(
    "content",
    [
        bundle(bundle(bundle(ONE_FILE)), TWO_FILE),
        [bundle(bundle(bundle(ONE_FILE), TWO_FILE))],
        [bundle(objects={"a": 1}), TWO_FILE],
        bundle(bundle(objects=5), TWO_FILE),
    ],
)
def test_a_bundle_that_cannot_be_opened_is_a_reject_and_never_passed_over(content: object) -> None:
    (chunk,) = read("stix", json.dumps(content).encode())
    assert chunk.rows.column("source_id").to_pylist() == [stix_id("file", 2)]
    ((reason, name),) = [(reject.reason, reject.source_id) for reject in chunk.rejects]
    assert reason.startswith("a bundle that cannot be opened: its objects are no array, or more than 2 bundles")
    assert name == stix_id("bundle", 1)


def test_bundles_without_end_within_each_other_cost_little() -> None:
    content = b'{"type":"bundle","objects":[' * 400 + b"]}" * 400
    assert [line for line, _ in rejects_of("stix", content)] == [1]


REVOKED: dict[str, dict[str, object]] = {
    "markings that are none": {"object_marking_refs": "x"},
    "parts that are none": {"granular_markings": 5},
    "labels that are none": {"labels": {"a": 1}},
    "types that are none": {"indicator_types": [[]]},
    "no pattern": {"pattern": None, "pattern_type": "yara"},
    "dates of no concern": {"created": [], "valid_until": {}},
    "a field nested too deeply": {"x": json.loads("[" * 70 + "]" * 70)},
}


@pytest.mark.parametrize("what", REVOKED)
def test_of_what_is_revoked_only_id_and_date_have_to_be_right(what: str) -> None:
    for make, kind in ((stix_indicator, "indicator"), (stix_file, "file")):
        record = make(1, modified="2025-02-03T04:05:06.789Z", hashes=[5], revoked=True, **REVOKED[what])
        assert row_of(record) == {
            "line": 1,
            "source_id": stix_id(kind, 1),
            "updated_at": "2025-02-03T04:05:06.789Z",
            "withdrawn": True,
        }


def test_a_file_that_is_revoked_need_not_say_its_hashes() -> None:
    assert row_of(stix_file(1, hashes=None, revoked=True))["withdrawn"] is True


@pytest.mark.parametrize("raw", [b"1e400", b'"\xff"', b"[" * 600 + b"]" * 600])
def test_what_is_revoked_is_withdrawn_whatever_cannot_be_read_beside_it(raw: bytes) -> None:
    content = stix_bundle(stix_indicator(1, revoked=True, x="SPOILT"), stix_indicator(2, x="SPOILT"))
    (chunk,) = read("stix", content.replace(b'"SPOILT"', raw))
    assert chunk.rows.column("source_id").to_pylist() == [stix_id("indicator", 1)]
    assert [reject.source_id for reject in chunk.rejects] == [stix_id("indicator", 2)]


def test_what_is_revoked_without_a_readable_id_or_date_is_a_reject() -> None:
    records = [stix_indicator(1, revoked=True, id=name) for name in ({"a": 1}, None, "", " ")]
    records.append(stix_indicator(5, revoked=True, modified=[]))
    assert [line for line, _ in rejects_of("stix", stix_bundle(*records))] == [1, 2, 3, 4, 5]
    assert rows_of("stix", stix_bundle(*records)) == []
