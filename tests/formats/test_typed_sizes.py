"""Sizes of typed values: long ones are left out before anything is made of them, and memory stays bounded."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashmatch import texts
from hashmatch.formats import typed_sizes
from hashmatch.formats.fields import EXTRA_BYTES
from hashmatch.formats.typed_sizes import BEYOND, cut, halves, sizes

from .growth import ROOT
from .samples import MD5, PDQ, read, rows_of
from .samples_columns import arrow, parquet

WRITERS = {"parquet": parquet, "arrow": arrow}
both = pytest.mark.parametrize("name", WRITERS)
MEGABYTE = 1024 * 1024
_PEAK = """
import resource, sys
import hashmatch.formats
from hashmatch.formats.source import Source
from hashmatch.importing import read_list

unit = 1 if sys.platform == "darwin" else 1024
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = read_list(Source(sys.argv[1]))
print(found.rows, found.rejected, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit)
"""


def peak(path: Path) -> tuple[int, int, int]:
    """Rows and rejects of a file, and by how many bytes reading it raised the peak of a process."""
    run = subprocess.run([sys.executable, "-c", _PEAK, str(path)], cwd=ROOT, capture_output=True, text=True, check=True)
    rows, rejected, grown = map(int, run.stdout.split())
    return rows, rejected, grown


def bomb(values: pa.Array) -> pa.Table:
    count = len(values)
    return pa.table({"hash": [f"{number:032x}" for number in range(count)], "note": values})


BOMBS = {
    "values that may be kept": pa.array(["\x01" * 25_000] * 1200),
    "values that may not": pa.array(["\x01" * 250_000] * 120),
    "one value": pa.array(["\x01" * 30_000_000]),
    "bytes": pa.array([b"\x01" * 25_000] * 1200),
    "lists": pa.array([["\x01" * 2_500] * 10] * 1200),
    "lists of numbers": pa.array([np.zeros(400_000, np.int8)] + [None] * 60_000, pa.list_(pa.int8())),
    "a word of a dictionary": pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(1200, np.int32)), pa.array(["\x01" * 25_000])
    ),
    "a long word of a dictionary": pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(400, np.int32)), pa.array(["\x01" * 5_000_000])
    ),
}


@both
@pytest.mark.parametrize("what", BOMBS)
def test_few_bytes_do_not_fill_the_memory(name: str, what: str, tmp_path: Path) -> None:
    path = tmp_path / "list"
    column = BOMBS[what]
    path.write_bytes(arrow(bomb(column), "zstd") if name == "arrow" else parquet(bomb(column), compression="zstd"))
    assert path.stat().st_size < 2 * MEGABYTE
    rows, rejected, grown = peak(path)
    assert (rows, rejected) == (len(column), 0)
    assert grown < 300 * MEGABYTE


@both
@pytest.mark.parametrize(
    "value",
    ["x" * 40_000, b"\xff" * 40_000, [1] * 40_000, {"a": "x" * 40_000}, [["x" * 20_000] * 2], [[1] * 20_000] * 2],
    ids=["text", "bytes", "numbers", "a structure", "lists", "lists of numbers"],
)
def test_a_value_that_no_row_can_carry_is_left_out_by_name(name: str, value: object) -> None:
    column = pa.array([None, value, *[None] * 5998])
    columns = {"id": list(map(str, range(6000))), "hash": [MD5] * 6000, "tier": ["1"] * 6000, "note": column}
    table = pa.table(columns)
    rows = rows_of(name, WRITERS[name](table))
    assert [row["source_id"] for row in rows] == table.column("id").to_pylist()
    assert json.loads(rows[0]["extra"]) == {"tier": "1"}
    assert json.loads(rows[1]["extra"]) == {"tier": "1", "left_out": ["note"]}


@both
def test_a_row_beyond_measure_costs_itself_alone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hashmatch.formats.typed.ROW_BYTES", 10_000)
    monkeypatch.setattr(typed_sizes, "PIECE_BYTES", 10_000)
    table = pa.table({"id": ["1", "2", "3"], "hash": [MD5, PDQ, PDQ], "opinion": ["seed", "x" * 20_000, "seed"]})
    content = WRITERS[name](table)
    assert [row["source_id"] for row in rows_of(name, content)] == ["1", "3"]
    (reject,) = [reject for chunk in read(name, content) for reject in chunk.rejects]
    assert (reject.line, reject.source_id) == (2, "2")
    assert reject.reason.startswith("longer than ")


def test_unions_that_may_repeat_their_values_are_refused() -> None:
    union = pa.UnionArray.from_dense(pa.array([0, 0], pa.int8()), pa.array([0, 0], pa.int32()), [pa.array(["a"])])
    table = pa.table({"hash": [MD5, PDQ], "note": union})
    with pytest.raises(Exception, match="has a column 'note' of dense_union"):
        list(read("arrow", arrow(table)))


KINDS = [
    (pa.string(), st.text(max_size=20)),
    (pa.large_string(), st.text(max_size=20)),
    (pa.list_(pa.string()), st.lists(st.none() | st.text(max_size=5), max_size=4)),
    (pa.large_list(pa.int8()), st.lists(st.integers(-9, 9), max_size=4)),
    (pa.list_(pa.list_(pa.bool_())), st.lists(st.none() | st.lists(st.booleans(), max_size=3), max_size=3)),
    (
        pa.struct([("a", pa.string()), ("bc", pa.int8())]),
        st.fixed_dictionaries({"a": st.text(max_size=5), "bc": st.none()}),
    ),
    (
        pa.map_(pa.string(), pa.int8()),
        st.dictionaries(st.text(max_size=5), st.integers(0, 9), max_size=3).map(lambda pairs: list(pairs.items())),
    ),
]


@given(
    st.sampled_from(KINDS).flatmap(
        lambda kind: st.lists(st.none() | kind[1], max_size=8).map(lambda values: pa.array(values, kind[0]))
    ),
    st.integers(0, 3),
)
@settings(max_examples=150)
def test_no_value_is_shorter_as_json_than_its_size(column: pa.Array, start: int) -> None:
    part = column.slice(start)
    written = [len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()) for value in part.to_pylist()]
    found = sizes(part)
    assert found.tolist() == sizes(pa.concat_arrays([part])).tolist()
    assert all(size <= length for size, length in zip(found.tolist(), written, strict=True))
    shared = pa.DictionaryArray.from_arrays(pa.array([None, *range(len(part))], pa.int8()), part)
    assert sizes(shared).tolist() == [0, *found.tolist()]


def test_a_list_of_very_many_values_is_not_looked_at() -> None:
    assert sizes(pa.array([[1] * (EXTRA_BYTES + 1), [1], None])).tolist() == [BEYOND, 3, 0]


@given(st.lists(st.integers(0, 30), max_size=30), st.integers(1, 40))
def test_parts_are_bounded_and_nothing_is_lost_between_them(lengths: list[int], most: int) -> None:
    batch = pa.record_batch(
        {"n": pa.array(range(len(lengths)), pa.int64()), "s": pa.array(["x" * n for n in lengths], pa.string())}
    )
    for parts in (list(cut(batch, np.array(lengths, dtype=np.int64))), list(halves(batch))):
        assert [row for part in parts for row in part.column("n").to_pylist()] == list(range(len(lengths)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typed_sizes, "PIECE_BYTES", most)
        for part in cut(batch, np.array(lengths, dtype=np.int64)):
            assert len(part) == 1 or sum(map(len, part.column("s").to_pylist())) <= most


def test_more_text_than_a_column_can_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_MOST_BYTES", 3)
    assert texts.strings(b"abc", np.array([1, 2], dtype=np.int32)).to_pylist() == ["a", "bc"]
    with pytest.raises(OverflowError, match="4 bytes of text in one column"):
        texts.strings(b"abcd", np.array([2, 2], dtype=np.int32))
