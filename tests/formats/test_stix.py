from __future__ import annotations

import json

import pytest

from hashmatch.algorithms import ALGORITHMS
from hashmatch.errors import FormatError
from hashmatch.formats import FORMATS, recognise
from hashmatch.formats.chunk import CHUNK_ROWS
from hashmatch.formats.raw_claim import MOST_HASHES
from hashmatch.formats.source import Source
from hashmatch.records import Mode

from .samples import read, rejects_of, rows_of
from .samples_intelligence import GREEN, made_up, stix_bundle, stix_file, stix_id, stix_indicator

MD5, SHA256, PDQ = made_up("md5", 1), made_up("sha256", 1), made_up("pdq", 1)


def skipped(content: bytes, name: str = "stix") -> dict[str, int]:
    headers = [dict(header) for chunk in read(name, content) for header in chunk.headers]
    return {kind: count for header in headers for kind, count in header["skipped"].items()}  # type: ignore[attr-defined]


def row_of(record: object, *others: object) -> dict[str, object]:
    (row,) = rows_of("stix", stix_bundle(record, *others))
    return row


def test_a_file_is_one_claim() -> None:
    record = stix_file(1, mime_type="image/jpeg", object_marking_refs=[GREEN], size=17)
    record["hashes"] = {"MD5": MD5.upper(), "SHA-256": SHA256, "PDQ": PDQ, "SSDEEP": "3:abc:def", "TLSH": "T1AB"}
    head = {
        "line": 1,
        "source_id": stix_id("file", 1),
        "media_type": "image/jpeg",
        "share_level": "green",
        "extra": '{"hashes":{"SSDEEP":"3:abc:def","TLSH":"T1AB"},"mime_type":"image/jpeg","name":"poster.jpg","size":17}',
    }
    assert rows_of("stix", stix_bundle(record)) == [
        {**head, "algorithm": "md5", "digest": MD5.upper()},
        {**head, "algorithm": "sha256", "digest": SHA256},
        {**head, "algorithm": "pdq", "digest": PDQ},
    ]
    assert FORMATS["stix"].mode is Mode.UPDATE
    assert not FORMATS["stix"].row_is_word


def test_an_indicator_is_one_claim() -> None:
    record = stix_indicator(
        1,
        pattern=f"[file:hashes.'SHA-256' = '{SHA256}' OR file:hashes.MD5 = '{MD5}']",
        valid_until="2026-01-02T03:04:05Z",
        confidence=85,
        labels=["ideology:far-right", "leaflet"],
        indicator_types=["malicious-activity"],
        object_marking_refs=["marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", GREEN],
        name="A leaflet",
    )
    head = {
        "line": 1,
        "source_id": stix_id("indicator", 1),
        "labels": ["ideology:far-right", "tag:leaflet", "indicator:malicious-activity"],
        "share_level": "amber+strict",
        "created_at": "2025-01-02T03:04:05.000Z",
        "updated_at": "2025-02-03T04:05:06.789Z",
        "expires_at": "2026-01-02T03:04:05Z",
        "extra": '{"confidence":85,"name":"A leaflet","valid_from":"2025-01-02T03:04:05Z"}',
    }
    assert rows_of("stix", stix_bundle(record)) == [
        {**head, "algorithm": "sha256", "digest": SHA256},
        {**head, "algorithm": "md5", "digest": MD5},
    ]


ONE = f"file:hashes.MD5 = '{MD5}'"


def test_a_pattern_in_another_language_is_a_reject_that_names_it() -> None:
    content = stix_bundle(stix_indicator(1, pattern_type="yara", pattern="rule a {}"), stix_indicator(2, pattern=5))
    assert [reason for _, reason in rejects_of("stix", content)] == [
        "a pattern in 'yara', from which no hashes can be taken",
        "an indicator without a pattern",
    ]


def test_hashes_that_we_have_no_algorithm_for_are_named() -> None:
    only = stix_file(1, hashes={"SSDEEP": "3:abc:def", "PhotoDNA": "AA=="})
    pattern = f"[file:hashes.'SHA3-256' = 'ab' OR {ONE} OR file:hashes.'SHA3-256' = 'cd']"
    content = stix_bundle(only, stix_indicator(2, pattern=pattern))
    assert rejects_of("stix", content) == [(1, "no hash of an algorithm that we have, only SSDEEP, PhotoDNA")]
    (row,) = rows_of("stix", content)
    assert json.loads(str(row["extra"]))["hashes"] == {"SHA3-256": ["ab", "cd"]}


@pytest.mark.parametrize(
    ("types", "opinion"),
    [
        (["malicious-activity"], None),
        (["benign"], "negative"),
        (["anomalous-activity"], "seed"),
        (["unknown", "benign"], "seed"),
        (["benign", "malicious-activity"], None),
        ([], None),
    ],
)
def test_what_the_types_say_of_the_content(types: list[str], opinion: str | None) -> None:
    assert row_of(stix_indicator(1, indicator_types=types)).get("opinion") == opinion


def test_revoked_is_a_withdrawal_whatever_the_pattern_says() -> None:
    row = row_of(stix_indicator(1, revoked=True, pattern="[ipv4-addr:value = '198.51.100.1']"))
    assert (row["source_id"], row["withdrawn"], "digest" in row) == (stix_id("indicator", 1), True, False)
    assert row["updated_at"] == "2025-02-03T04:05:06.789Z"


def test_of_several_versions_the_newest_counts_wherever_it_stands() -> None:
    old = stix_indicator(1, modified="2025-01-01T00:00:00Z")
    new = stix_indicator(1, modified="2025-01-01T00:00:00.001Z", revoked=True)
    for bundle in ((old, new), (new, old)):
        (row,) = rows_of("stix", stix_bundle(*bundle))
        assert row["withdrawn"] is True
        assert skipped(stix_bundle(*bundle)) == {"older version": 1}


@pytest.mark.parametrize("turned", [False, True])
def test_of_equally_new_versions_one_that_is_revoked_counts(turned: bool) -> None:
    for versions in (
        (stix_indicator(1), stix_indicator(1, revoked=True)),
        (stix_indicator(1), stix_indicator(1, revoked=True, modified="2025-02-03T04:05:06.789000Z")),
        (stix_file(1), stix_file(1, revoked=True)),
    ):
        content = stix_bundle(*(reversed(versions) if turned else versions))
        assert [row.get("withdrawn") for row in rows_of("stix", content)] == [True]


@pytest.mark.parametrize(
    ("labels", "opinion", "expected"),
    [
        (["benign"], "negative", ["indicator:benign"]),
        (["anomalous-activity"], "seed", ["indicator:anomalous-activity"]),
        (["malicious-activity", "leaflet"], None, ["tag:leaflet", "indicator:malicious-activity"]),
        (["benign", "attribution"], None, ["indicator:benign", "indicator:attribution"]),
        (["leaflet"], None, ["tag:leaflet"]),
    ],
)
@pytest.mark.parametrize("stated", [False, True])
def test_version_2_0_writes_the_types_among_the_labels(
    labels: list[str], opinion: str | None, expected: list[str], stated: bool
) -> None:
    record = stix_indicator(1, labels=labels, spec_version="2.0")
    for name in ("pattern_type", *(() if stated else ("spec_version",))):
        del record[name]
    row = row_of(record)
    assert (row.get("opinion"), row["labels"]) == (opinion, expected)
    later = row_of(stix_indicator(1, labels=labels))
    assert ("opinion" in later, later["labels"]) == (False, [f"tag:{label}" for label in labels])


EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"


def marking(number: int, **fields: object) -> dict[str, object]:
    return {"type": "marking-definition", "spec_version": "2.1", "id": stix_id("marking-definition", number), **fields}


@pytest.mark.parametrize(
    ("fields", "level"),
    [
        ({"definition_type": "tlp", "definition": {"tlp": "white"}}, "clear"),
        ({"definition_type": "tlp", "definition": {"tlp": "TLP:RED"}}, "red"),
        (
            {"extensions": {EXTENSION: {"extension_type": "property-extension", "tlp_2_0": "amber+strict"}}},
            "amber+strict",
        ),
        ({"name": "TLP:GREEN"}, "green"),
        ({"definition_type": "tlp", "definition": {"tlp": "mauve"}}, "red"),
        ({"definition_type": "statement", "definition": {"statement": "ours"}}, None),
        ({"definition": 5, "extensions": [], "name": 7}, None),
    ],
)
def test_markings_that_the_bundle_defines(fields: dict[str, object], level: str | None) -> None:
    ref = stix_id("marking-definition", 5)
    row = row_of(stix_indicator(1, object_marking_refs=[ref]), marking(5, **fields))
    assert row.get("share_level") == level
    assert json.loads(str(row["extra"])).get("object_marking_refs") == (None if level else [ref])


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("613f2e26-407d-48c7-9eca-b8e91df99dc9", "clear"),
        ("34098fce-860f-48ae-8e50-ebd3cc5e41da", "green"),
        ("f88d31f6-486f-44da-b317-01333bde0b82", "amber"),
        ("5e57c739-391a-4eb3-b6be-7d15ca92d5ed", "red"),
        ("94868c89-83c2-464b-929b-a1a8aa3c8487", "clear"),
        ("bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "green"),
        ("55d920b0-5e8b-4f79-9ee9-91f868d9b421", "amber"),
        ("939a9414-2ddd-4d32-a0cd-375ea402b003", "amber+strict"),
        ("e828b379-4e03-4974-9ac4-e53a884c97c1", "red"),
    ],
)
def test_markings_that_are_the_same_everywhere(name: str, level: str) -> None:
    ref = f"marking-definition--{name}"
    for written in (ref, ref.upper()):
        row = row_of(stix_file(1, hashes={"MD5": MD5}, object_marking_refs=[written]))
        assert row["share_level"] == level
        assert "object_marking_refs" not in str(row["extra"])


def test_a_marking_that_the_bundle_defines_may_be_referred_to_in_upper_case() -> None:
    ref = "marking-definition--0000000a-0000-4000-8000-00000000000b"
    record = stix_indicator(1, object_marking_refs=[ref.upper()])
    assert row_of(record, {"type": "marking-definition", "id": ref, "name": "TLP:RED"})["share_level"] == "red"


def test_a_marked_part_counts_as_the_whole_and_a_bundle_cannot_loosen_the_standard() -> None:
    parts = [{"marking_ref": "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", "selectors": ["name"]}]
    assert row_of(stix_indicator(1, object_marking_refs=[GREEN], granular_markings=parts))["share_level"] == "red"
    forged = {"type": "marking-definition", "id": parts[0]["marking_ref"], "name": "TLP:CLEAR"}
    assert row_of(stix_indicator(1, object_marking_refs=[forged["id"]]), forged)["share_level"] == "red"


def test_everything_else_is_counted_and_nothing_is_rejected() -> None:
    others = [
        {"type": kind, "id": stix_id(kind, 1)} for kind in ("identity", "relationship", "identity", "observed-data")
    ]
    content = stix_bundle(*others, stix_file(1, hashes={"MD5": MD5}), stix_file(2, hashes=None))
    assert len(rows_of("stix", content)) == 1
    assert rejects_of("stix", content) == []
    assert skipped(content) == {"identity": 2, "relationship": 1, "observed-data": 1, "file": 1}


def test_kinds_without_end_are_counted_within_bounds() -> None:
    counts = skipped(stix_bundle(*({"type": f"{'x' * 50}-{n}" if n % 2 else f"x-{n}"} for n in range(1000))))
    assert len(counts) <= 101
    assert sum(counts.values()) == 1000


def test_every_way_of_keeping_objects_gives_the_same_rows() -> None:
    objects = [stix_file(1), stix_indicator(2)]
    expected = rows_of("stix", stix_bundle(*objects))
    contents = [
        json.dumps({"more": False, "objects": objects}),
        json.dumps({"objects": objects, "id": stix_id("bundle", 1), "type": "bundle"}),
        json.dumps(objects),
        json.dumps(objects, indent=4),
    ]
    for text in contents:
        assert recognise(Source(content=text.encode()), ALGORITHMS).name == "stix"
        assert rows_of("stix", text.encode()) == expected


def test_a_bundle_without_hashes_is_in_the_format() -> None:
    assert rows_of("stix", json.dumps({"type": "bundle", "id": stix_id("bundle", 1)}).encode()) == []
    assert rows_of("stix", stix_bundle()) == []
    assert rows_of("stix", stix_bundle({"type": "identity", "id": stix_id("identity", 1)})) == []


@pytest.mark.parametrize("content", [b'{"objects":[]}', b'{"more": false,\n "objects": [ ]}\n'])
def test_an_envelope_without_news_is_in_the_format(content: bytes) -> None:
    assert recognise(Source(content=content), ALGORITHMS).name == "stix"
    assert (rows_of("stix", content), rejects_of("stix", content)) == ([], [])


def test_bad_objects_are_rejects_with_number_and_id_and_the_next_goes_on() -> None:
    bad = [
        5,
        {"id": "x"},
        stix_file(3, hashes=[MD5]),
        stix_file(4, hashes={"MD5": {"a": 1}}),
        stix_indicator(5, labels={"a": 1}),
        stix_indicator(6, object_marking_refs="red"),
        stix_indicator(7, revoked="perhaps"),
        {"type": "indicator", "pattern": f"[{ONE}]"},
        stix_indicator(9, x=json.loads("[" * 70 + "]" * 70)),
    ]
    content = stix_bundle(*bad, stix_indicator(10))
    (chunk,) = read("stix", content)
    assert chunk.rows.column("source_id").to_pylist() == [stix_id("indicator", 10)]
    assert [reject.line for reject in chunk.rejects] == list(range(1, 10))
    ids = [None, "x", *(stix_id("file", n) for n in (3, 4)), *(stix_id("indicator", n) for n in (5, 6, 7))]
    assert [reject.source_id for reject in chunk.rejects] == [*ids, None, stix_id("indicator", 9)]


def test_a_digest_is_left_for_the_checks() -> None:
    assert row_of(stix_file(1, hashes={"SHA-256": "nonsense"}))["digest"] == "nonsense"


def test_a_claim_cannot_multiply_itself() -> None:
    many = " OR ".join(f"file:hashes.MD5 = '{n:032x}'" for n in range(MOST_HASHES + 1))
    labels = ["x" * 7_000]
    most = "[" + " OR ".join(f"file:hashes.MD5 = '{n:032x}'" for n in range(MOST_HASHES)) + "]"
    content = stix_bundle(
        stix_indicator(1, pattern=f"[{many}]"),
        stix_indicator(2, pattern=most, labels=labels),
        stix_indicator(3, pattern=most),
    )
    assert [reason for _, reason in rejects_of("stix", content)] == [
        f"more than {MOST_HASHES} hashes in one claim",
        f"{MOST_HASHES} hashes that repeat more than {64 * 1024 * 1024} bytes of labels and other fields",
    ]
    assert {row["source_id"] for row in rows_of("stix", content)} == {stix_id("indicator", 3)}


def test_other_fields_that_are_too_long_cost_no_hash() -> None:
    row = row_of(stix_indicator(1, description="x" * 100_000))
    assert json.loads(str(row["extra"]))["left_out"] == ["description"]


def test_chunks_are_bounded() -> None:
    content = stix_bundle(*(stix_indicator(n) for n in range(CHUNK_ROWS + 10)))
    chunks = read("stix", content)
    assert [len(chunk.rows) for chunk in chunks] == [CHUNK_ROWS, 10]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[1, 2]",
        b"7",
        b'{"objects": 5}',
        b'{"objects": {}}',
        stix_bundle(stix_file(1))[:-5],
        b"[" * 100_000,
    ],
)
def test_what_is_no_bundle_is_a_format_error(content: bytes) -> None:
    with pytest.raises(FormatError, match=r"^list [^\n]+$"):
        read("stix", content)
