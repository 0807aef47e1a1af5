from __future__ import annotations

from hashmatch.formats.chunk import CHUNK_BYTES, Chunk, Row

LINE = CHUNK_BYTES // 8


def row(extra: str, labels: list[str | None] | None = None) -> Row:
    return (1, None, None, "md5", "00" * 16, None, None, None, None, labels, *[None] * 6, extra)


def test_what_each_row_of_a_record_repeats_is_counted() -> None:
    chunk = Chunk("list", "csv")
    chunk.add([row("x" * LINE)], LINE)
    chunk.add(iter([row("x" * LINE)] * 3), LINE)
    assert not chunk.full
    chunk.add([row("x" * LINE)] * 5, LINE)
    assert chunk.full
    assert len(chunk.take().rows) == 9
    assert not chunk.full


def test_labels_that_rows_repeat_are_counted() -> None:
    chunk = Chunk("list", "csv")
    chunk.add([row("", ["x" * LINE, None])] * 7, LINE)
    assert not chunk.full
    chunk.add([row("", ["x" * LINE, None])] * 2, 0)
    assert chunk.full


def test_a_reason_is_short() -> None:
    chunk = Chunk("list", "csv")
    chunk.add([], 0)
    chunk.reject(1, "x" * 1_000_000)
    chunk.reject(2, "why")
    first, second = chunk.take().rejects
    assert len(first.reason) < 300
    assert first.reason.endswith("xxx...")
    assert second.reason == "why"
