from __future__ import annotations

import gzip
import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.errors import FormatError, InvalidValue
from hashmatch.formats import source as source_module
from hashmatch.formats.blocks import Blocks
from hashmatch.formats.source import HEAD_BYTES, Source

BOM = b"\xef\xbb\xbf"


def lines_of(content: bytes, *, whole: bool = False) -> list[tuple[int, bytes | None]]:
    return list(Source(content=content).lines(whole=whole))


def test_lines_end_in_lf_or_cr_lf_mixed() -> None:
    assert lines_of(b"a\r\nb\n\n\r\nc\rd\r\r\ne") == [(1, b"a"), (2, b"b"), (5, b"c\rd\r"), (6, b"e")]


@given(st.lists(st.sampled_from([b"a", b"\n", b"\r", b"\r\n", b" ", BOM, b"\0"])).map(b"".join))
def test_whole_lines_are_every_byte(content: bytes) -> None:
    lines = lines_of(content, whole=True)
    assert b"".join(line or b"" for _, line in lines) == content.removeprefix(BOM)
    assert [number for number, _ in lines] == list(range(1, len(lines) + 1))
    ended = [(number, (line or b"").removesuffix(b"\n").removesuffix(b"\r")) for number, line in lines]
    kept = [pair for pair, (_, line) in zip(ended, lines, strict=True) if line not in (b"\n", b"\r\n")]
    assert [(number, (line or b"").removesuffix(b"\r")) for number, line in lines_of(content)] == [
        (number, line.removesuffix(b"\r")) for number, line in kept
    ]


@given(
    st.lists(st.sampled_from([b"a", b"long line", b"\n", b"\r\n", BOM])).map(b"".join), st.sampled_from([3, 4, 7, 64])
)
def test_blocks_are_the_lines(content: bytes, size: int) -> None:
    found = []
    for block in Source(content=content).blocks(size):
        lines = (block.content or b"").splitlines(keepends=True)
        assert len(lines) == block.count > 0
        assert block.count == 1 or len(block.content or b"") < 2 * size
        found += [(block.number + place, line) for place, line in enumerate(lines)]
    assert found == [(number, line) for number, line in lines_of(content, whole=True) if line]


@given(st.lists(st.sampled_from([b"a\n", b"bcd\n", b"\n"]), min_size=1).map(b"".join))
def test_halves_of_a_block_are_the_block(content: bytes) -> None:
    (block,) = Source(content=content).blocks()
    halves = block.halves()
    assert (halves is None) == (block.count == 1)
    if halves is not None:
        first, second = halves
        assert (first.content or b"") + (second.content or b"") == content
        assert (first.number, second.number) == (1, 1 + first.count)
        assert (first.count, second.count) == (
            (first.content or b"").count(b"\n"),
            (second.content or b"").count(b"\n"),
        )


def test_a_block_of_a_line_that_is_too_long_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "LINE_BYTES", 100)
    content = b"a\n" + b"y" * 101 + b"\nb\n" + b"z" * 100 + b"\r\n"
    blocks = list(Source(content=content).blocks(30))
    assert [(block.number, block.content) for block in blocks] == [
        (1, b"a\n"),
        (2, None),
        (3, b"b\n"),
        (4, b"z" * 100 + b"\r\n"),
    ]


def test_blocks_are_taken_line_by_line_and_given_back() -> None:
    blocks = Blocks(Source(content=b"1\n2\n3\n4\n5\n6\n"))
    assert (blocks.number, blocks.line(), blocks.number) == (1, (1, b"1\n"), 2)
    block = blocks.block()
    assert block is not None
    assert (block.number, block.content, block.count, blocks.number) == (2, b"2\n3\n4\n5\n6\n", 5, 7)
    blocks.put_back(*(block.halves() or ()))
    assert [blocks.line(), blocks.line(), blocks.number] == [(2, b"2\n"), (3, b"3\n"), 4]
    rest = blocks.block()
    assert rest is not None
    blocks.put_back(rest)
    assert list(iter(blocks.line, None)) == [(4, b"4\n"), (5, b"5\n"), (6, b"6\n")]
    assert blocks.block() is None


def test_a_file_is_given_as_it_is_stored() -> None:
    source = Source(content=BOM + b"abc")
    with source.file() as file:
        assert source.sha256 == hashlib.sha256(BOM + b"abc").hexdigest()
        assert file.read() == BOM + b"abc"
    with pytest.raises(FormatError, match="is packed with gzip"), Source(content=gzip.compress(b"abc", mtime=0)).file():
        pass


def test_lines_go_on_over_the_pieces_in_which_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    content = BOM + b"first\r\nsecond line\n\nthird\r\n"
    for size in range(4, 12):
        source = Source(content=content)
        pieces = [*source.chunks(size)]
        monkeypatch.setattr(source, "chunks", lambda pieces=pieces: iter(pieces))
        assert list(source.lines()) == [(1, b"first"), (2, b"second line"), (4, b"third")]


def test_a_line_that_is_too_long_comes_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "LINE_BYTES", 3_000_000)
    fits, long = b"x" * 3_000_000, b"y" * 3_000_001
    assert lines_of(fits + b"\r\n" + long + b"\n\nend") == [(1, fits), (2, None), (4, b"end")]
    assert lines_of(long) == [(1, None)]
    assert lines_of(fits) == [(1, fits)]
    assert lines_of(long * 3 + b"\nb") == [(1, None), (2, b"b")]


def test_a_document_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "DOCUMENT_BYTES", 1000)
    assert Source(content=BOM + b"x" * 997).document() == b"x" * 997
    with pytest.raises(FormatError, match="larger than 1000 bytes"):
        Source(content=b"x" * 1001).document()


def test_names() -> None:
    source = Source(content=b"", name="some/partner.csv.gz")
    assert (source.stem, source.suffixes) == ("partner", (".csv",))
    assert Source(content=b"", name="LIST.JSON").suffixes == (".json",)


def test_the_head_is_unpacked_and_bounded() -> None:
    content = BOM + os.urandom(100_000)
    assert Source(content=gzip.compress(content, mtime=0)).head == content[3:HEAD_BYTES]
    assert Source(content=b"a\n\nb\r\nc").head_lines == [b"a", b"b", b"c"]
    assert Source(content=b"a\n" + b"b" * HEAD_BYTES).head_lines == [b"a"]


def test_the_digest_is_of_the_file_as_it_is_stored(tmp_path: Path) -> None:
    path = tmp_path / "list.gz"
    path.write_bytes(gzip.compress(b"abc\n" * 100_000, mtime=0) + b"\0" * 5000)
    source = Source(path)
    assert source.sha256 == ""
    assert len(source.document()) == 400_000
    assert source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (gzip.compress(b"abc" * 1000, mtime=0)[:-9], "cannot be unpacked"),
        (b"\x1f\x8b", "cannot be unpacked"),
        (b"\x1f\x8b\x08" + b"\xff" * 100, "cannot be unpacked"),
        (gzip.compress(b"abc", mtime=0) + b"garbage", "cannot be unpacked"),
        ("hash\n".encode("utf-16"), "is UTF-16 text; save it as UTF-8"),
        (gzip.compress(b"\xfe\xff\0h", mtime=0), "is UTF-16 text"),
        ("hash\n".encode("utf-32"), "is UTF-32 text"),
    ],
)
def test_what_cannot_be_read_at_all(content: bytes, reason: str) -> None:
    with pytest.raises(FormatError, match=f"^x.csv {reason}"):
        Source(content=content, name="x.csv")


def test_a_gzip_that_is_cut_short_after_its_head() -> None:
    packed = gzip.compress(os.urandom(1_500_000), mtime=0)
    source = Source(content=packed[:1_400_000])
    with pytest.raises(FormatError, match="cannot be read to its end"):
        list(source.chunks())
    damaged = Source(content=packed[:1_300_000] + b"\xff" * 100 + packed[1_300_100:])
    with pytest.raises(FormatError, match="cannot be read to its end"):
        list(damaged.chunks())


def test_what_is_no_file(tmp_path: Path) -> None:
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    with pytest.raises(FormatError, match="is not a file"):
        Source(tmp_path)
    with pytest.raises(FormatError, match="is not a file"):
        Source(fifo)
    with pytest.raises(FormatError, match="does not exist"):
        Source(tmp_path / "nothing.csv")
    with pytest.raises(FormatError, match="cannot be opened"):
        Source(tmp_path / ("n" * 5000))
    with pytest.raises(FormatError, match="does not exist"):
        Source("a\0b")
    with pytest.raises(InvalidValue, match="either a path or bytes"):
        Source()
