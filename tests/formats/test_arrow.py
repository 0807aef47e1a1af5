"""Arrow IPC: what was cut off between two batches is not taken for the whole."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc
import pytest

from hashmatch import HashBank
from hashmatch.errors import FormatError

from .samples import rejects_of, rows_of

MARK = b"\xff\xff\xff\xff" + bytes(4)
BATCHES = [pa.table({"pdq": [f"{number:064x}" for number in range(start, start + 3)]}) for start in (1, 4)]
REASON = "the stream ends without its end mark: rows may be missing"

Writer = Callable[[io.BytesIO, pa.Schema], pa.ipc.RecordBatchStreamWriter]
either = pytest.mark.parametrize("writer", [pa.ipc.new_stream, pa.ipc.new_file])


def pieces(writer: Writer) -> tuple[list[bytes], bytes]:
    """What is written of each batch, and what then ends it."""
    sink = io.BytesIO()
    written, at = [], 0
    with writer(sink, BATCHES[0].schema) as stream:
        for batch in BATCHES:
            stream.write_table(batch)
            written.append(sink.getvalue()[at:])
            at = sink.tell()
    return written, sink.getvalue()[at:]


@either
def test_a_stream_that_ends_with_its_mark_is_whole(writer: Writer) -> None:
    (first, second), end = pieces(writer)
    assert end.startswith(MARK)
    for content in (first + second + end, first + end, first + MARK, first + bytes(4)):
        assert rejects_of("arrow", content) == []
    assert len(rows_of("arrow", first + second + end)) == 6


@either
def test_a_stream_that_is_cut_between_two_batches_keeps_its_rows_and_may_miss_some(writer: Writer) -> None:
    (first, _), _ = pieces(writer)
    assert [row["line"] for row in rows_of("arrow", first)] == [1, 2, 3]
    assert rejects_of("arrow", first) == [(4, REASON)]


@either
@pytest.mark.parametrize("rest", [MARK[:3], MARK[:4], MARK[:7]])
def test_a_stream_whose_mark_is_cut_is_refused(writer: Writer, rest: bytes) -> None:
    (first, _), _ = pieces(writer)
    with pytest.raises(FormatError, match="cannot be read to its end"):
        rows_of("arrow", first + rest)


@either
def test_replacing_by_a_stream_that_is_cut_withdraws_nothing(tmp_path: Path, writer: Writer) -> None:
    (first, second), end = pieces(writer)
    file = tmp_path / "list.arrow"
    with HashBank.open(tmp_path / "bank") as bank:
        file.write_bytes(first + second + end)
        assert bank.import_list(file, name="list", mode="replace").added == 6
        file.write_bytes(first)
        report = bank.import_list(file, name="list", mode="replace")
        assert (report.withdrawn, report.held_back, report.unchanged, report.rejected) == (0, 3, 3, 1)
        file.write_bytes(first + end)
        assert bank.import_list(file, name="list", mode="replace", accept_change=True).withdrawn == 3
