"""docs/bank.md, "Quarantine" and "Snapshots", sentence by sentence."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path

import pytest

from hashmatch.bank import HashBank
from hashmatch.errors import BankDamaged, InvalidValue, UnknownList, UnknownName
from hashmatch.formats.source import Source
from hashmatch.matching import Matcher
from hashmatch.snapshot import CURRENT_FILE

from ..vectors import VECTORS, needs_vectors
from .clock import Clock
from .files import BLANK_PDQ, MD5, ODD_PDQ, PDQ, Row, jsonl, tcap_v1
from .looking import exported, known, live, objects

UNFIT = {
    "all zero": ("pdq", "00" * 32),
    "all one": ("pdq", "ff" * 32),
    "95 ones": ("pdq", f"{(1 << 95) - 1:064x}"),
    "161 ones": ("pdq", f"{(1 << 161) - 1:064x}"),
    "equal rows": ("pdq", "0f0f" * 16),
    "equal columns": ("pdq", "ffff0000" * 8),
    "64 bits, equal rows": ("phash", "5a" * 8),
    "64 bits, equal columns": ("dhash", "ff00ff00ff00ff00"),
    "64 bits, all zero": ("ahash", "00" * 8),
    "256 bits of phash": ("phash256", "ff" * 32),
    "digest of zeros": ("sha256", "00" * 32),
    "empty file, md5": ("md5", hashlib.md5(b"", usedforsecurity=False).hexdigest()),
    "empty file, sha1": ("sha1", hashlib.sha1(b"", usedforsecurity=False).hexdigest()),
    "empty file, sha256": ("sha256", hashlib.sha256(b"").hexdigest()),
    "empty file, sha512": ("sha512", hashlib.sha512(b"").hexdigest()),
}
FIT = {
    "a photo's": ("pdq", PDQ[0]),
    "96 ones": ("pdq", f"{(1 << 97) - 3:064x}"),
    "160 ones": ("pdq", f"{(1 << 161) - 3:064x}"),
    "few ones of 64": ("phash", "8000000000000000"),
    "digest with few ones": ("md5", MD5[0]),
}


@pytest.mark.parametrize("case", UNFIT)
def test_unfit_hash_is_kept_and_exported_and_does_not_match(bank: HashBank, case: str) -> None:
    algorithm, digest = UNFIT[case]
    report = bank.import_list(jsonl([Row("a", digest, algorithm), Row("b", PDQ[0])]), "one")
    assert (report.quarantined, report.added, report.rejected) == (1, 2, 0)
    assert known(bank)["a"][0]["quarantine"]
    assert bank.lists()[0].quarantined == 1
    assert [line.get("digest") for line in objects(exported(bank))[1:]].count(digest) == 1
    assert live(bank) == {("one", "b", PDQ[0])}


@pytest.mark.parametrize("case", FIT)
def test_fit_hash_matches(bank: HashBank, case: str) -> None:
    algorithm, digest = FIT[case]
    assert bank.import_list(jsonl([Row("a", digest, algorithm)]), "one").quarantined == 0
    assert live(bank) == {("one", "a", digest)}


def test_popcount_other_than_128_is_only_counted(bank: HashBank) -> None:
    report = bank.import_list(jsonl([Row("a", PDQ[0]), Row("b", ODD_PDQ), Row("c", "00" * 32)]), "one")
    assert (report.unbalanced, report.quarantined) == (1, 1)
    assert ("one", "b", ODD_PDQ) in live(bank)


def test_quarantine_is_never_read_from_a_file(bank: HashBank) -> None:
    lines = [
        {"source_id": "a", "algorithm": "pdq", "digest": PDQ[0], "quarantine": "they say so"},
        {"source_id": "b", "algorithm": "pdq", "digest": BLANK_PDQ, "quarantine": None},
    ]
    bank.import_list(Source(content="\n".join(map(json.dumps, lines)).encode(), name="x.jsonl"), "one")
    assert live(bank) == {("one", "a", PDQ[0])}


def test_release_lets_a_hash_match_and_the_next_daily_file_does_not_undo_it(bank: HashBank) -> None:
    rows = [Row(None, BLANK_PDQ), *(Row(None, digest) for digest in PDQ)]
    bank.import_list(tcap_v1(rows), "one")
    assert bank.release("one", "pdq", BLANK_PDQ) is not None
    assert ("one", f"pdq:{BLANK_PDQ}", BLANK_PDQ) in live(bank)
    bank.import_list(tcap_v1(rows[:-1]), "one")
    assert ("one", f"pdq:{BLANK_PDQ}", BLANK_PDQ) in live(bank)
    assert bank.lists()[0].quarantined == 0
    assert bank.lists()[0].settings.releases == {("pdq", BLANK_PDQ)}


def test_release_is_of_one_list_and_one_digest(bank: HashBank) -> None:
    for name in ("one", "two"):
        bank.import_list(jsonl([Row("a", BLANK_PDQ), Row("b", "ff" * 32), Row("c", BLANK_PDQ, "sha256")]), name)
    bank.release("one", "pdq", BLANK_PDQ.upper())
    assert live(bank) == {("one", "a", BLANK_PDQ)}


def test_release_can_be_undone(bank: HashBank) -> None:
    bank.import_list(jsonl([Row("a", BLANK_PDQ)]), "one")
    bank.release("one", "pdq", BLANK_PDQ)
    assert bank.release("one", "pdq", BLANK_PDQ) is None
    assert bank.release("one", "pdq", BLANK_PDQ, undo=True) is not None
    assert live(bank) == set()


@pytest.mark.parametrize(
    ("name", "algorithm", "digest", "error"),
    [
        ("one", "pdq", "zz", InvalidValue),
        ("one", "pdq", "00" * 31, InvalidValue),
        ("one", "nope", BLANK_PDQ, UnknownName),
        ("two", "pdq", BLANK_PDQ, UnknownList),
    ],
)
def test_what_is_no_hash_cannot_be_released(
    bank: HashBank, name: str, algorithm: str, digest: str, error: type[Exception]
) -> None:
    bank.import_list(jsonl([Row("a", PDQ[0])]), "one")
    with pytest.raises(error):
        bank.release(name, algorithm, digest)
    assert bank.publish()


@needs_vectors
def test_on_the_reference_pictures_nothing_is_quarantined(bank: HashBank) -> None:
    report = bank.import_list(VECTORS / "pdq_expected.csv", "one")
    assert report.rows > 0
    assert report.quarantined == 0


# Live, and so in a snapshot.


def test_live_is_not_withdrawn_of_quality_null_or_50_and_not_negative(bank: HashBank) -> None:
    rows = [
        Row("null", PDQ[0]),
        Row("49", PDQ[1], quality=49),
        Row("50", PDQ[2], quality=50),
        Row("negative", PDQ[3], opinion="negative"),
        Row("disputed", PDQ[3], opinion="disputed"),
        Row("seed", PDQ[4], opinion="seed"),
        Row("vetoed", PDQ[5]),
        Row("gone", PDQ[5], withdrawn=True),
    ]
    bank.import_list(jsonl(rows), "one", mode="update")
    bank.withdraw("one", "vetoed")
    assert {source_id for _, source_id, _ in live(bank)} == {"null", "50", "disputed", "seed"}


def test_no_clock_decides_what_a_snapshot_holds(bank: HashBank, clock: Clock) -> None:
    line = {"source_id": "a", "algorithm": "pdq", "digest": PDQ[0], "expires_at": "2000-01-01"}
    bank.import_list(Source(content=json.dumps(line).encode(), name="x.jsonl"), "one")
    assert live(bank) == {("one", "a", PDQ[0])}


def test_snapshot_is_named_after_its_batch_and_its_manifest(bank: HashBank) -> None:
    bank.import_list(jsonl([Row("a", PDQ[0])]), "one")
    version = bank.publish()
    manifest = (bank.folder / "snapshots" / version / "manifest.json").read_bytes()
    assert version == f"00000001-{hashlib.sha256(manifest).hexdigest()[:16]}"
    assert (bank.folder / CURRENT_FILE).read_text().strip() == version


def test_same_state_gives_the_same_name(tmp_path: Path, clock: Clock) -> None:
    versions = set()
    for folder in ("x", "y"):
        bank = HashBank.open(tmp_path / folder)
        bank.import_list(jsonl([Row("a", PDQ[0]), Row("b", PDQ[1])]), "one")
        versions.add(bank.publish())
    assert len(versions) == 1


def test_the_snapshot_before_is_kept_and_older_ones_are_removed(bank: HashBank, clock: Clock) -> None:
    versions = []
    for i in range(4):
        versions.append(bank.import_list(jsonl([Row(f"id{i}", PDQ[i])]), "one", mode="update", publish=True).snapshot)
    assert {path.name for path in (bank.folder / "snapshots").iterdir()} == set(versions[-2:])


def test_stale_beginnings_are_removed(bank: HashBank) -> None:
    stale = bank.folder / "snapshots" / ".new-0123456789abcdef"
    stale.mkdir()
    bank.import_list(jsonl([Row("a", PDQ[0])]), "one", publish=True)
    assert not stale.exists()


def test_import_publishes_whenever_current_does_not_name_the_head_whether_or_not_it_wrote(bank: HashBank) -> None:
    bank.import_list(jsonl([Row("a", PDQ[0])]), "one", mode="update")
    report = bank.import_list(jsonl([Row("a", PDQ[0])]), "one", publish=True)
    assert report.batch is None
    assert report.snapshot == bank.snapshot().version
    assert bank.snapshot().batch == 1


def test_damaged_current_is_published_anew(bank: HashBank) -> None:
    bank.import_list(jsonl([Row("a", PDQ[0])]), "one", publish=True)
    (bank.folder / CURRENT_FILE).write_text("nonsense")
    with pytest.raises(BankDamaged):
        bank.snapshot()
    assert bank.publish() == bank.snapshot(verify=True).version


def test_settings_travel_into_the_snapshot(bank: HashBank) -> None:
    bank.import_list(jsonl([Row("a", PDQ[0])]), "one", partner="P", publish=True)
    bank.configure("one", radius={"pdq": 20}, publish=True)
    matcher = Matcher.open(bank.folder)
    assert matcher.settings["one"].radius == {"pdq": 20}
    assert matcher.settings["one"].partner == "P"


def test_matchers_answers_belong_to_the_snapshot_that_gave_them(bank: HashBank, clock: Clock) -> None:
    bank.import_list(jsonl([Row("a", PDQ[0])]), "one", mode="update", publish=True)
    matcher = Matcher.open(bank.folder)
    codes = matcher.snapshot.codes("pdq")
    before = matcher.search(codes)
    bank.withdraw("one", "a")
    clock.moment += timedelta(seconds=1)
    bank.import_list(jsonl([Row("b", PDQ[1])]), "one", publish=True)
    assert matcher.refresh()
    assert [record.source_id for record in before.records(0)] == ["a"]
    assert before.snapshot.batch == 1
    assert matcher.snapshot.batch == 3
