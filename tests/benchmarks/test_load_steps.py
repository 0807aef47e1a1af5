"""Steps in their processes: what each does is what it says, what it took is seen, and a failure is a sentence."""

from __future__ import annotations

import importlib.util
import pickle
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from benchmarks.loading import disk, floor, forms
from benchmarks.loading.rows import draw
from benchmarks.loading.steps import STEPS
from benchmarks.loading.watch import StepFailed, watch

N = 500
LINUX = Path("/proc/self/io").exists()
THREATEXCHANGE = importlib.util.find_spec("threatexchange") is not None


def written(form: str, folder: Path) -> Path:
    path = folder / f"list.{form}"
    forms.write(form, [draw(1, np.arange(N))], path)
    return path


@pytest.mark.parametrize("form", forms.FORMS)
def test_the_floor_keeps_every_row_and_every_column(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floor, "ROW_GROUP", 200)
    assert floor.copy(form, written(form, tmp_path), tmp_path) == {"rows": N}
    kept = pq.ParquetFile(tmp_path / floor.NAME)
    assert [kept.metadata.row_group(number).num_rows for number in range(3)] == [200, 200, 100]
    table, rows = kept.read(), draw(1, np.arange(N))
    assert table.column_names == rows.column_names
    for name in ("source_id", "digest", "created_at", "updated_at"):
        assert table.column(name).cast(rows.schema.field(name).type).equals(rows.column(name)), name


def test_a_fresh_process_tells_what_it_took(tmp_path: Path) -> None:
    outcome = watch("floor", "csv", written("csv", tmp_path), tmp_path)
    assert outcome.facts == {"rows": N}
    assert outcome.usage.seconds > 0
    assert outcome.usage.cpu_seconds > 0
    if LINUX:
        # An interpreter with pyarrow in it holds more than that, and this list is small.
        assert 10e6 < (outcome.usage.peak_bytes or 0) < 500e6


def test_private_memory_is_seen_and_mapped_files_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not LINUX:
        pytest.skip("only Linux tells how much memory another process holds")
    size = 200 << 20
    (tmp_path / "mapped").write_bytes(bytes(size))
    (tmp_path / "held.py").write_text(
        "import mmap, numpy as np, time\n"
        "def hold(form, source, folder):\n"
        f"    block = np.ones({size}, np.uint8) if form == 'private' else None\n"
        "    with (folder / 'mapped').open('rb') as file:\n"
        "        pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)\n"
        "        total = sum(pages[::4096])\n"
        "    time.sleep(0.2)\n"
        "    return {'total': total}\n"
        "from benchmarks.loading.steps import STEPS\n"
        "STEPS._table['hold'] = 'held:hold'\n"
    )
    (tmp_path / "sitecustomize.py").write_text("import held\n")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{Path(__file__).parent.parent.parent}")
    private, mapped = (
        watch("hold", form, tmp_path / "mapped", tmp_path).usage.peak_bytes for form in ("private", "mapped")
    )
    assert private is not None
    assert mapped is not None
    assert mapped < size < private < mapped + 1.2 * size


def test_a_step_that_fails_says_why_in_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("nothing,here\n1,2\n")
    with pytest.raises(StepFailed, match="has no column that is known to hold hashes") as failure:
        watch("batch", "csv", file, tmp_path / "bank")
    assert "\n" not in str(failure.value)


@pytest.mark.skipif(not THREATEXCHANGE, reason="python-threatexchange is not installed")
@pytest.mark.parametrize("form", forms.FORMS)
def test_python_threatexchange_indexes_every_hash_with_its_id(form: str, tmp_path: Path) -> None:
    assert STEPS["pdq_index"](form, written(form, tmp_path), tmp_path) == {"rows": N}
    index = pickle.loads((tmp_path / "index.pickle").read_bytes())
    row = draw(1, np.array([7])).to_pylist()[0]
    assert index.local_id_to_entry[7] == (row["digest"], row["source_id"])


@pytest.mark.skipif(THREATEXCHANGE, reason="python-threatexchange is installed")
def test_without_python_threatexchange_the_process_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match=r"pip install hashmatch\[bench\]"):
        watch("pdq_index", "csv", written("csv", tmp_path), tmp_path)


def test_what_a_step_leaves_behind_is_told_by_length_and_time(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "kept").write_bytes(b"1234")
    before = disk.listing(tmp_path)
    assert disk.grown(before, disk.listing(tmp_path)) == 0
    (tmp_path / "below" / "new").write_bytes(b"123")
    (tmp_path / "empty").touch()
    assert disk.grown(before, disk.listing(tmp_path)) == 4
    (tmp_path / "below" / "kept").write_bytes(b"12345")
    assert disk.grown(before, disk.listing(tmp_path)) == 9
    assert disk.listing(tmp_path / "none") == {}


def test_the_kind_of_file_system_is_told_on_linux(tmp_path: Path) -> None:
    kind = disk.file_system(tmp_path)
    assert (kind is None) == (not Path("/proc/mounts").exists())
    assert kind is None or "/" not in kind
