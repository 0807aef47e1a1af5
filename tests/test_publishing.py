from __future__ import annotations

import itertools
import json
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hashmatch import publishing, sorting
from hashmatch.errors import BankDamaged, InvalidValue, UnknownName
from hashmatch.live import live
from hashmatch.publishing import build, publish
from hashmatch.records import SCHEMA, ListSettings, Opinion
from hashmatch.snapshot import Snapshot, current

from .kinds import KINDS, preferring
from .tables import SAID_AT, settings, table

TCAP = ListSettings("tcap", partner="Tech Against Terrorism")
LISTS = settings(TCAP, ListSettings("other"))
SIZES = {"pdq": 32, "phash": 8, "md5": 16}


@st.composite
def records(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Live records, with many equal digests and digests with long common beginnings."""
    rows = {}
    for _ in range(draw(st.integers(0, 30))):
        algorithm = draw(st.sampled_from(sorted(SIZES)))
        head = draw(st.sampled_from([b"", b"\x10", b"\xff" * 7]))
        digest = (head + draw(st.binary(max_size=3)) + b"\0" * 64)[: SIZES[algorithm] - 1] + draw(
            st.sampled_from([b"\0", b"\1"])
        )
        row = {
            "list": draw(st.sampled_from(sorted(LISTS))),
            "source_id": draw(st.sampled_from(["1", "2", "ä", ""])),
            "algorithm": algorithm,
            "frame": draw(st.integers(-1, 2)),
            "digest": digest,
            "quality": draw(st.sampled_from([None, 50, 100])),
            "timestamp": draw(st.sampled_from([None, 0.5])),
            "labels": draw(st.sampled_from([[], ["a"], ["a", "b"]])),
            "share_level": draw(st.sampled_from([None, "red"])),
            "expires_at": draw(st.sampled_from([None, SAID_AT])),
        }
        rows[tuple(row[name] for name in sorting.ORDER)] = row
    return list(rows.values())


def cut(rows: pa.Table, pieces: int) -> list[pa.Table]:
    limits = np.linspace(0, len(rows), pieces + 1).astype(int)
    return [rows.slice(a, b - a) for a, b in itertools.pairwise(limits)]


@pytest.mark.parametrize("kind", KINDS)
@hypothesis_settings(max_examples=60)
@given(rows=records(), random=st.randoms(use_true_random=False), pieces=st.integers(1, 5), bound=st.integers(1, 12))
def test_the_version_depends_on_the_records_alone(
    kind: str, rows: list[dict[str, Any]], random: Any, pieces: int, bound: int
) -> None:
    folders = tempfile.TemporaryDirectory(), tempfile.TemporaryDirectory()
    with folders[0] as one, folders[1] as two, mock.patch("os.fsync"), preferring(kind):
        version = build(Path(one), 7, [table(rows)], LISTS)
        random.shuffle(rows)
        assert build(Path(two), 7, cut(table(rows), pieces), LISTS, max_rows_in_memory=bound) == version
        snapshot = Snapshot.open(Path(two) / version)
        snapshot.verify()
        assert all_records(snapshot) == sorted(
            table(rows).to_pylist(), key=lambda r: [r[name] for name in sorting.ORDER]
        )
        for algorithm in snapshot.algorithms:
            digests = sorted({row["digest"] for row in rows if row["algorithm"] == algorithm})
            assert [code.tobytes() for code in snapshot.codes(algorithm)] == digests
        assert {path.name for path in Path(two).iterdir()} == {version}


def all_records(snapshot: Snapshot) -> list[dict[str, Any]]:
    found = []
    for algorithm in snapshot.algorithms:
        rows = snapshot.records(algorithm, np.arange(len(snapshot.codes(algorithm))))
        codes = snapshot.codes(algorithm)[rows["code_row"].to_numpy()]
        assert [code.tobytes() for code in codes] == rows["digest"].to_pylist()
        found += rows.drop_columns("code_row").to_pylist()
    return found


def test_what_lies_under_a_null_does_not_change_the_version(tmp_path: Path) -> None:
    rows = table([{"source_id": str(i), "digest": bytes([i]) * 32} for i in range(100)])
    garbage = pa.Array.from_buffers(pa.int16(), 100, [pa.py_buffer(b"\0" * 16), pa.py_buffer(b"\x77" * 200)])
    assert garbage.null_count == 100
    dirty = rows.set_column(SCHEMA.get_field_index("quality"), SCHEMA.field("quality"), garbage)
    versions = {build(tmp_path / str(bound), 1, [rows], LISTS, max_rows_in_memory=bound) for bound in (9, 1000)}
    versions |= {build(tmp_path / f"d{bound}", 1, [dirty], LISTS, max_rows_in_memory=bound) for bound in (9, 1000)}
    assert len(versions) == 1


@pytest.mark.parametrize("size", [10, 19])
def test_batches_in_the_file_do_not_follow_the_pieces(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "_BATCH", size)
    monkeypatch.setattr(sorting, "_PIECE", 7)
    rows = table([{"source_id": str(i), "digest": bytes([i % 5]) * 32} for i in range(95)])
    one = build(tmp_path / "one", 1, [rows], LISTS)
    assert build(tmp_path / "two", 1, cut(rows, 13), LISTS, max_rows_in_memory=20) == one
    snapshot = Snapshot.open(tmp_path / "two" / one)
    assert [len(batch) for batch in snapshot._batches] == [size] * (95 // size) + [95 % size] * (95 % size > 0)
    assert len(snapshot.codes("pdq")) == 5
    expected = snapshot.records("pdq", np.arange(5))
    picked = np.array([3, 0, 3, 4])
    found = snapshot.records("pdq", picked)
    assert found["code_row"].to_pylist() == np.repeat(picked, 19).tolist()
    by_code = [expected.slice(19 * code, 19).to_pylist() for code in picked]
    assert found.to_pylist() == [row for group in by_code for row in group]


LIVE = {
    "a plain one": ({}, True),
    "no hash is known": ({"algorithm": None, "digest": None}, False),
    "no digest": ({"digest": None}, False),
    "quality 49": ({"quality": 49}, False),
    "quality 50": ({"quality": 50}, True),
    "negative": ({"opinion": "negative"}, False),
    "seed": ({"opinion": "seed"}, True),
    "disputed": ({"opinion": "disputed"}, True),
    "quarantined": ({"quarantine": "all bits are zero"}, False),
    "quarantined and released": ({"quarantine": "odd", "digest": b"\7" * 32}, True),
    "released for another list": ({"quarantine": "odd", "digest": b"\7" * 32, "list": "other"}, False),
    "released as another algorithm": ({"quarantine": "odd", "digest": b"\7" * 32, "algorithm": "sha256"}, False),
    "released and negative": ({"quarantine": "odd", "digest": b"\7" * 32, "opinion": "negative"}, False),
    "expired long ago": ({"expires_at": SAID_AT - timedelta(days=4000)}, True),
}


@pytest.mark.parametrize("case", LIVE)
def test_live(case: str) -> None:
    own, is_live = LIVE[case]
    known = {**LISTS, "tcap": replace(TCAP, releases=frozenset({("pdq", "07" * 32), ("pdq", "no hash")}))}
    row = {"digest": b"\1" * 32, **own}
    assert len(live(table([row]), known)) == int(is_live)
    beside = {"source_id": "9", "digest": b"\2" * 32}
    assert len(live(table([beside, row, beside]), known)) == 2 + int(is_live)


def test_every_opinion_is_decided_on() -> None:
    rows = table([{"digest": b"\1" * 32, "opinion": own.value} for own in Opinion])
    assert live(rows, LISTS)["opinion"].to_pylist() == ["positive", "seed", "disputed"]


def test_the_manifest_says_what_is_in_it(tmp_path: Path) -> None:
    rows = [
        {"source_id": "1", "digest": b"\1" * 32},
        {"source_id": "1", "digest": b"\2" * 16, "algorithm": "md5"},
        {"source_id": "2", "digest": b"\1" * 32},
        {"source_id": "3", "digest": b"\1" * 32, "opinion": "negative"},
    ]
    version = build(tmp_path, 12, [table(rows)], LISTS)
    manifest = Snapshot.open(tmp_path / version).manifest
    assert version.startswith("00000012-")
    assert manifest.batch == 12
    assert manifest.records == 3
    assert (manifest.lists["tcap"].claims, manifest.lists["tcap"].hashes) == (2, 3)
    assert (manifest.lists["other"].claims, manifest.lists["other"].hashes) == (0, 0)
    assert manifest.settings == LISTS
    held = {name: (own.index, own.bits, own.codes, own.records) for name, own in manifest.algorithms.items()}
    assert held == {"md5": ("exact", 128, 1, 1), "pdq": ("faiss_flat", 256, 1, 2)}
    assert {"hashmatch", "numpy", "pyarrow", "faiss-cpu", "numba"} <= set(manifest.built_by)


@pytest.mark.parametrize(
    ("radius", "reach"), [({}, 31), ({"pdq": 3}, 31), ({"pdq": 40}, 40), ({"phash": 64}, 31), ({"pdq": 9999}, 256)]
)
def test_the_index_reaches_as_far_as_lists_and_algorithm_say(
    radius: dict[str, int], reach: int, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int, int]] = []
    monkeypatch.setattr(
        "hashmatch.indexes.band_plan.pays",
        lambda bits, radius, codes: asked.append((bits, radius, codes)) or (kind == "multi_index" and radius <= 64),
    )
    lists = {**LISTS, "other": replace(LISTS["other"], radius=radius)}
    rows = [
        {"digest": b"\1" * 32},
        {"source_id": "2", "digest": b"\2" * 32},
        {"digest": b"\1" * 8, "algorithm": "phash"},
    ]
    snapshot = Snapshot.open(
        tmp_path / build(tmp_path, 1, [table([*rows, {"algorithm": "md5", "digest": b"\1" * 16}])], lists)
    )
    snapshot.verify()
    entry = snapshot.manifest.algorithms["pdq"]
    near = kind == "multi_index" and reach <= 64
    assert (entry.index, entry.max_radius) == (("multi_index", reach) if near else ("faiss_flat", 256))
    exact = snapshot.manifest.algorithms["md5"]
    assert (exact.index, exact.max_radius) == ("exact", 0)
    assert (256, reach, 2) in asked
    assert {bits for bits, _, _ in asked} == {64, 256}
    assert snapshot.index("pdq", reach).search(snapshot.codes("pdq"), reach).distances.tolist().count(0) == 2


@pytest.mark.parametrize("asked", KINDS)
def test_a_kind_on_request(asked: str, kind: str, tmp_path: Path) -> None:
    rows = [{"digest": b"\1" * 32}, {"algorithm": "md5", "digest": b"\1" * 16}]
    version = build(tmp_path, 1, [table(rows)], LISTS, index=asked)
    held = {name: own.index for name, own in Snapshot.open(tmp_path / version).manifest.algorithms.items()}
    assert held == {"md5": "exact", "pdq": asked}


def test_records_that_cannot_be_are_refused_and_leave_nothing(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="32 bytes"):
        build(tmp_path, 1, [table([{"digest": b"\1" * 31}])], LISTS)
    with pytest.raises(InvalidValue, match="'stray'"):
        build(tmp_path, 1, [table([{"digest": b"\1" * 32, "list": "stray"}])], LISTS)
    with pytest.raises(UnknownName, match="novel"):
        build(tmp_path, 1, [table([{"digest": b"\1" * 32, "algorithm": "../novel"}])], LISTS)
    assert list(tmp_path.iterdir()) == []


def bank(folder: Path) -> Path:
    (folder / "bank.json").write_text(json.dumps({"layout": 1}))
    return folder


def rows_of(number: int) -> list[pa.Table]:
    return [table([{"source_id": str(i), "digest": bytes([i]) * 32} for i in range(number)])]


def test_publishing_keeps_the_current_snapshot_and_the_one_before(tmp_path: Path) -> None:
    root = bank(tmp_path) / "snapshots"
    assert current(tmp_path) is None
    versions = []
    for batch in range(1, 5):
        versions.append(publish(tmp_path, batch, rows_of(batch), LISTS))
        assert current(tmp_path) == versions[-1]
        assert {path.name for path in root.iterdir()} == set(versions[-2:])
        (root / ".new-stale").mkdir()
        (root / ".new-stale" / "records.arrow").write_bytes(b"torn")
    assert publish(tmp_path, 4, rows_of(4), LISTS) == versions[-1]
    assert {path.name for path in root.iterdir()} == set(versions[-2:])
    assert Snapshot.open_current(tmp_path).batch == 4


def test_a_snapshot_that_stands_is_used_and_a_damaged_one_replaced(tmp_path: Path) -> None:
    version = publish(bank(tmp_path), 1, rows_of(3), LISTS)
    records = tmp_path / "snapshots" / version / "records.arrow"
    kept = records.stat().st_ino
    assert publish(tmp_path, 1, rows_of(3), LISTS) == version
    assert records.stat().st_ino == kept
    content = bytearray(records.read_bytes())
    content[len(content) // 2] ^= 1
    records.write_bytes(content)
    assert publish(tmp_path, 1, rows_of(3), LISTS) == version
    Snapshot.open_current(tmp_path).verify()
    assert {path.name for path in (tmp_path / "snapshots").iterdir()} == {version}


def test_nothing_live_can_be_published(tmp_path: Path) -> None:
    version = publish(bank(tmp_path), 1, [], {})
    snapshot = Snapshot.open_current(tmp_path)
    snapshot.verify()
    assert (snapshot.version, snapshot.algorithms, snapshot.manifest.records) == (version, (), 0)


def test_a_publish_that_fails_leaves_current(tmp_path: Path) -> None:
    version = publish(bank(tmp_path), 1, rows_of(3), LISTS)
    with pytest.raises(InvalidValue):
        publish(tmp_path, 2, [table([{"digest": b"short"}])], LISTS)
    assert current(tmp_path) == version
    assert {path.name for path in (tmp_path / "snapshots").iterdir()} == {version}


def test_a_damaged_pointer_is_named_and_publishing_mends_it(tmp_path: Path) -> None:
    bank(tmp_path)
    for content in (b"", b"../../etc\n", b"00000001-0123456789abcdeg\n", b"\xff" * 200):
        (tmp_path / "CURRENT").write_bytes(content)
        with pytest.raises(BankDamaged, match="CURRENT"):
            current(tmp_path)
    version = publish(tmp_path, 1, rows_of(3), LISTS)
    assert current(tmp_path) == version
