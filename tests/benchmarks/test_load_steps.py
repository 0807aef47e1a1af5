"""Steps in their processes: what each does is what it says, what it took is seen, and a failure is a sentence."""

from __future__ import annotations

import importlib.util
import os
import pickle
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from benchmarks.loading import disk, floor, forms
from benchmarks.loading.rows import draw
from benchmarks.loading.shapes import SHAPES
from benchmarks.loading.steps import STEPS
from benchmarks.loading.watch import StepFailed, watch
from benchmarks.pinning import pin

N = 500
LINUX = Path("/proc/self/io").exists()
THREATEXCHANGE = importlib.util.find_spec("threatexchange") is not None


def written(form: str, folder: Path, shape: str = "full") -> Path:
    path = folder / f"list.{form}"
    forms.write(form, [draw(SHAPES[shape], 1, np.arange(N))], path)
    return path


def add_step(name: str, code: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fresh processes have a step more: the function ``name(form, source, folder)`` in the code."""
    line = f"from benchmarks.loading.steps import STEPS\nSTEPS._table['{name}'] = 'added:{name}'\n"
    (folder / "added.py").write_text(f"{code}\n{line}")
    (folder / "sitecustomize.py").write_text("import added\n")
    monkeypatch.setenv("PYTHONPATH", f"{folder}:{Path(__file__).parent.parent.parent}")


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("form", forms.FORMS)
def test_the_floor_keeps_every_row_and_every_column(
    form: str, shape: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(floor, "ROW_GROUP", 200)
    assert floor.copy(form, written(form, tmp_path, shape), tmp_path) == {"rows": N}
    kept = pq.ParquetFile(tmp_path / floor.NAME)
    assert [kept.metadata.row_group(number).num_rows for number in range(3)] == [200, 200, 100]
    table, rows = kept.read(), draw(SHAPES[shape], 1, np.arange(N))
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


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system cannot keep a process to one core")
def test_a_step_and_every_thread_of_it_is_kept_to_one_core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = """
import os, threading
from pathlib import Path

def spread(form, source, folder):
    from benchmarks.loading import floor

    floor.copy(form, source, folder)
    threads = [threading.Thread(target=threading.Event().wait, args=(5,), daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    tasks = Path("/proc/self/task")
    known = [int(task.name) for task in tasks.iterdir()] if tasks.exists() else [0, *(t.native_id for t in threads)]
    cores = set().union(*(os.sched_getaffinity(task) for task in known))
    return {"threads": len(known), "cores": len(cores)}
"""
    add_step("spread", code, tmp_path, monkeypatch)
    allowed = os.sched_getaffinity(0)
    outcome = watch("spread", "csv", written("csv", tmp_path), tmp_path)
    assert outcome.facts["cores"] == 1
    assert (outcome.facts["threads"] or 0) > 3
    assert outcome.usage.pinned
    assert os.sched_getaffinity(0) == allowed, "who watches is as free as before"


def test_a_system_that_cannot_pin_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    assert pin() is False


def test_private_memory_is_seen_and_mapped_files_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not LINUX:
        pytest.skip("only Linux tells how much memory another process holds")
    size = 200 << 20
    (tmp_path / "mapped").write_bytes(bytes(size))
    code = f"""
import mmap, time

def hold(form, source, folder):
    import numpy as np

    block = np.ones({size}, np.uint8) if form == "private" else None
    with (folder / "mapped").open("rb") as file:
        pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        total = sum(pages[::4096])
    time.sleep(0.2)
    return {{"total": total}}
"""
    add_step("hold", code, tmp_path, monkeypatch)
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
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("form", forms.FORMS)
def test_python_threatexchange_indexes_every_hash_with_its_id(form: str, shape: str, tmp_path: Path) -> None:
    assert STEPS["pdq_index"](form, written(form, tmp_path, shape), tmp_path) == {"rows": N}
    index = pickle.loads((tmp_path / "index.pickle").read_bytes())
    row = draw(SHAPES[shape], 1, np.array([7])).to_pylist()[0]
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
