from __future__ import annotations

import copy
import gc
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hashmatch.errors import BankDamaged, BankNotFound, NotPublished, UnknownName
from hashmatch.manifest import Manifest, folder_name
from hashmatch.publishing import build, publish
from hashmatch.records import HashRecord, ListSettings
from hashmatch.snapshot import Snapshot

from .forking import true_in_child
from .tables import SAID_AT, settings, table

LISTS = settings(ListSettings("tcap", partner="Tech Against Terrorism"), ListSettings("other"))
ROWS = [
    {"source_id": "1", "digest": b"\1" * 32, "labels": ["ideology:x", "y"], "quality": 80, "timestamp": 0.5},
    {"source_id": "1", "digest": b"\2" * 16, "algorithm": "md5", "expires_at": SAID_AT, "extra": '{"a":1}'},
    {"source_id": "2", "digest": b"\1" * 32, "list": "other", "share_level": "red", "frame": 3},
    {"source_id": "3", "digest": b"\3" * 32, "opinion": "seed"},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / build(tmp_path, 5, [table(ROWS)], LISTS)


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    (tmp_path / "bank.json").write_text("{}")
    publish(tmp_path, 1, [table(ROWS)], LISTS)
    return tmp_path


def test_records_come_back_as_they_were(folder: Path) -> None:
    snapshot = Snapshot.open(folder)
    assert (snapshot.version, snapshot.batch, snapshot.algorithms) == (folder.name, 5, ("md5", "pdq"))
    assert snapshot.settings == LISTS
    positions, rows = snapshot.record_rows("pdq", np.array([1, 0]))
    assert positions.tolist() == [0, 1, 1]
    found = snapshot.hash_records(rows)
    assert [(own.list, own.source_id) for own in found] == [("tcap", "3"), ("other", "2"), ("tcap", "1")]
    assert found[2] == HashRecord(
        list="tcap",
        source_id="1",
        algorithm="pdq",
        digest=b"\1" * 32,
        media_type="image",
        timestamp=0.5,
        quality=80,
        labels=("ideology:x", "y"),
        said_at=SAID_AT,
        batch=1,
        partner="Tech Against Terrorism",
    )
    (exact,) = snapshot.hash_records(snapshot.record_rows("md5", np.array([0]))[1])
    assert exact.expires_at == SAID_AT
    assert exact.expires_at is not None
    assert exact.expires_at.tzinfo is timezone.utc
    assert exact.extra == '{"a":1}'


def test_nothing_is_asked_for_nothing(folder: Path) -> None:
    snapshot = Snapshot.open(folder)
    none = np.empty(0, np.int64)
    assert len(snapshot.records("pdq", none)) == 0
    assert snapshot.hash_records(none) == []


def test_an_algorithm_without_a_record_is_named(folder: Path) -> None:
    with pytest.raises(UnknownName, match="sha256"):
        Snapshot.open(folder).index("sha256")


def test_what_is_mapped_outlives_its_files(folder: Path) -> None:
    snapshot = Snapshot.open(folder)
    expected = snapshot.records("pdq", np.arange(2))
    shutil.rmtree(folder)
    assert snapshot.records("pdq", np.arange(2)).equals(expected)
    assert snapshot.index("pdq").search(snapshot.codes("pdq"), 0).rows.tolist() == [0, 1]


def test_verify_finds_every_flipped_byte(folder: Path) -> None:
    Snapshot.open(folder).verify()
    random = np.random.default_rng(5)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        good = path.read_bytes()
        for position in {0, len(good) - 1, *random.integers(0, len(good), 25).tolist()}:
            bad = bytearray(good)
            bad[position] ^= 1 << random.integers(8)
            path.write_bytes(bad)
            with pytest.raises(BankDamaged):
                Snapshot.open(folder).verify()
        path.write_bytes(good)
    Snapshot.open(folder).verify()


def test_verify_finds_a_flip_behind_an_open_snapshot_and_files_that_do_not_belong(folder: Path) -> None:
    snapshot = Snapshot.open(folder)
    (folder / "pdq" / "stray.npy").write_bytes(b"")
    with pytest.raises(BankDamaged, match="stray"):
        snapshot.verify()
    (folder / "pdq" / "stray.npy").unlink()
    with (folder / "manifest.json").open("ab") as stream:
        stream.write(b"\n")
    with pytest.raises(BankDamaged, match="manifest"):
        snapshot.verify()


def test_a_missing_or_torn_file_is_named_at_once(folder: Path) -> None:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        good = path.read_bytes()
        path.unlink()
        with pytest.raises(BankDamaged, match=path.name.split(".")[0]):
            Snapshot.open(folder)
        path.write_bytes(good[:-1])
        with pytest.raises(BankDamaged, match=path.name.split(".")[0]):
            Snapshot.open(folder)
        path.write_bytes(good)
    Snapshot.open(folder)


def test_a_folder_of_another_name_is_refused(folder: Path) -> None:
    other = folder.with_name("00000006" + folder.name[8:])
    folder.rename(other)
    with pytest.raises(BankDamaged, match="named after"):
        Snapshot.open(other)


TAMPERED: dict[str, tuple[tuple[str, ...], Any]] = {
    "no layout we know": (("layout",), 3),
    "a layout without videos": (("layout",), 1),
    "a layout before the first": (("layout",), 0),
    "other number of videos": (("videos", "pdq"), 2),
    "more videos than records": (("videos", "pdq"), 4),
    "no videos, but their files": (("videos",), {}),
    "videos of an algorithm that is not there": (("videos", "phash"), 1),
    "videos of an algorithm without its files": (("videos", "md5"), 1),
    "layout of a wrong type": (("layout",), "1"),
    "batch is text": (("batch",), "five"),
    "batch is negative": (("batch",), -1),
    "batch is absurd": (("batch",), 10**30),
    "records do not add up": (("records",), 3),
    "records is null": (("records",), None),
    "algorithms is a list": (("algorithms",), []),
    "no algorithm": (("algorithms",), {}),
    "bits of another length": (("algorithms", "pdq", "bits"), 128),
    "bits are no bytes": (("algorithms", "pdq", "bits"), 255),
    "more codes than records": (("algorithms", "pdq", "codes"), 4),
    "other number of codes": (("algorithms", "pdq", "codes"), 1),
    "absurd number of codes": (("algorithms", "pdq", "codes"), 2**60),
    "other kind of index": (("algorithms", "pdq", "index"), "exact"),
    "unknown kind of index": (("algorithms", "pdq", "index"), "hnsw"),
    "other radius": (("algorithms", "pdq", "max_radius"), 31),
    "lists is text": (("lists",), "tcap"),
    "settings of a wrong type": (("lists", "tcap", "settings", "radius"), {"pdq": "far"}),
    "settings that cannot be": (("lists", "tcap", "settings", "role"), "bless"),
    "settings of another list": (("lists", "tcap", "settings", "name"), "other"),
    "name that cannot be": (("lists", "tcap", "settings", "name"), "../x"),
    "hashes of a list do not add up": (("lists", "tcap", "hashes"), 9),
    "no files": (("files",), {}),
    "a file outside": (("files", "../../escape.npy"), {"size": 1, "sha256": "0" * 64}),
    "a file outside of an algorithm": (("files", "pdq/../../escape.npy"), {"size": 1, "sha256": "0" * 64}),
    "an absolute file": (("files", "/etc/passwd"), {"size": 1, "sha256": "0" * 64}),
    "an algorithm that leads out": (("algorithms", ".."), {}),
    "a checksum that is none": (("files", "records.arrow", "sha256"), "zz"),
    "another size": (("files", "records.arrow", "size"), 12),
    "negative size": (("files", "records.arrow", "size"), -12),
}


@pytest.mark.parametrize("case", TAMPERED)
def test_a_tampered_manifest_is_damage_not_a_crash(case: str, folder: Path) -> None:
    (*parents, key), value = TAMPERED[case]
    manifest = json.loads((folder / "manifest.json").read_bytes())
    place = manifest
    for parent in parents:
        place = place[parent]
    before = copy.deepcopy(place.get(key)) if isinstance(place, dict) else None
    if case == "an algorithm that leads out":
        value = {**manifest["algorithms"]["md5"], "records": 0, "codes": 0}
    place[key] = value
    assert before != value
    with pytest.raises(BankDamaged):
        Snapshot.open(renamed(folder, json.dumps(manifest).encode()))


def renamed(folder: Path, manifest: bytes) -> Path:
    """The snapshot with another manifest, and with the name that fits it: only its content can be objected to."""
    (folder / "manifest.json").write_bytes(manifest)
    return folder.rename(folder.with_name(folder_name(5, manifest)))


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b"[" * 200_000, b'{"batch": ' + b"9" * 5000 + b"}"]
)
def test_a_manifest_that_is_none_is_damage(content: bytes, folder: Path) -> None:
    with pytest.raises(BankDamaged) as caught:
        Snapshot.open(renamed(folder, content))
    assert len(str(caught.value)) < 500


def test_a_manifest_comes_back_as_it_was(folder: Path) -> None:
    content = (folder / "manifest.json").read_bytes()
    assert Manifest.from_bytes(content).to_bytes() == content


def test_offsets_that_lead_out_of_the_records_are_damage(folder: Path) -> None:
    offsets = folder / "pdq" / "offsets.npy"
    array = np.load(offsets)
    for wrong in (2**40, -1):
        np.save(offsets, np.array([array[0], wrong, array[2]]))
        with pytest.raises(BankDamaged, match="offsets"):
            Snapshot.open(folder).records("pdq", np.array([0, 1]))


def test_open_current_follows_the_pointer(bank: Path) -> None:
    first = Snapshot.open_current(bank)
    version = publish(bank, 2, [table(ROWS[:1])], LISTS)
    second = Snapshot.open_current(bank)
    assert (second.version, second.batch) == (version, 2)
    assert len(first.records("pdq", np.arange(2))) == 3


def test_a_snapshot_that_was_pruned_since_the_pointer_was_read_is_no_error(
    bank: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    plain = Snapshot.open.__func__  # type: ignore[attr-defined]

    def pruned_before(cls: type[Snapshot], folder: Path, index: str) -> Snapshot:
        opened.append(folder.name)
        if len(opened) < 5:
            for batch in (2 * len(opened), 2 * len(opened) + 1):
                publish(bank, batch, [table(ROWS[:1])], LISTS)
        return plain(cls, folder, index)

    monkeypatch.setattr("hashmatch.publishing._stands", lambda folder: False)
    monkeypatch.setattr(Snapshot, "open", classmethod(pruned_before))
    assert Snapshot.open_current(bank).batch == 9
    assert len(set(opened)) == 5


def test_a_current_snapshot_that_stays_damaged_is_an_error(bank: Path) -> None:
    (folder,) = (bank / "snapshots").iterdir()
    (folder / "records.arrow").unlink()
    with pytest.raises(BankDamaged, match=r"records\.arrow"):
        Snapshot.open_current(bank)


def test_no_bank_and_nothing_published_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(BankNotFound):
        Snapshot.open_current(tmp_path / "none")
    with pytest.raises(BankNotFound):
        Snapshot.open_current(tmp_path)
    (tmp_path / "bank.json").write_text("{}")
    with pytest.raises(NotPublished):
        Snapshot.open_current(tmp_path)


def test_opening_and_reading_write_nothing(bank: Path) -> None:
    def state() -> dict[Path, tuple[int, int]]:
        return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in bank.rglob("*")}

    before = state()
    for path in bank.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        snapshot = Snapshot.open_current(bank)
        snapshot.verify()
        snapshot.records("pdq", np.arange(2))
        assert state() == before
    finally:
        for path in [bank, *bank.rglob("*")]:
            path.chmod(0o755)


def test_it_survives_a_fork_and_threads(bank: Path) -> None:
    snapshot = Snapshot.open_current(bank)
    expected = snapshot.records("pdq", np.arange(2)).to_pylist()
    found = snapshot.index("pdq").search(snapshot.codes("pdq"), 40)

    def same() -> bool:
        again = snapshot.index("pdq").search(snapshot.codes("pdq"), 40)
        return (
            snapshot.records("pdq", np.arange(2)).to_pylist() == expected and again.rows.tolist() == found.rows.tolist()
        )

    assert same()
    assert true_in_child(same)
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _: same(), range(50)))


def test_a_hundred_thousand_records_on_one_code(tmp_path: Path) -> None:
    n = 100_000
    many = table([{"digest": b"\7" * 32}]).take([0] * n)
    ids = many.schema.get_field_index("source_id")
    many = many.set_column(ids, many.schema.field(ids), [[f"{i:06d}" for i in range(n)]])
    alone = table([{"source_id": "alone", "digest": b"\1" * 32}, {"source_id": "alone", "digest": b"\x09" * 32}])
    folder = tmp_path / build(tmp_path, 1, [many, alone], LISTS, max_rows_in_memory=30_000)
    snapshot = Snapshot.open(folder)
    assert len(snapshot.codes("pdq")) == 3
    found = snapshot.records("pdq", np.array([2, 1, 0]))
    assert found["source_id"].to_pylist() == ["alone", *(f"{i:06d}" for i in range(n)), "alone"]
    rows = snapshot.record_rows("pdq", np.array([1, 1]))[1]
    assert len(rows) == 2 * n
    picked = np.random.default_rng(1).permutation(rows)[:1000]
    assert [own.source_id for own in snapshot.hash_records(picked)] == [f"{row - 1:06d}" for row in picked]


def test_dates_far_from_now_come_back(tmp_path: Path) -> None:
    dates = [datetime(1, 1, 1, tzinfo=timezone.utc), datetime(9999, 12, 31, 23, 59, 59, 999999, timezone.utc)]
    rows = [{"source_id": str(i), "digest": bytes([i + 1]) * 32, "expires_at": own} for i, own in enumerate(dates)]
    snapshot = Snapshot.open(tmp_path / build(tmp_path, 1, [table(rows)], LISTS))
    assert [own.expires_at for own in snapshot.hash_records(np.arange(2))] == dates


def test_many_opened_snapshots_leave_no_descriptor_open(folder: Path) -> None:
    descriptors = Path("/proc/self/fd")
    if not descriptors.exists():
        pytest.skip("only Linux lists open descriptors")
    gc.collect()
    before = len(list(descriptors.iterdir()))
    for _ in range(20):
        Snapshot.open(folder).verify()
    gc.collect()
    assert len(list(descriptors.iterdir())) <= before + 1
