"""Every input is hostile: each ends in rejects or one sentence, in bounded time and memory."""

from __future__ import annotations

import functools
import gzip
import random
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashmatch.errors import FormatError
from hashmatch.formats import FORMATS, recognise
from hashmatch.formats import source as sources
from hashmatch.formats.base import RawRows, ReadOptions
from hashmatch.formats.source import Source

from .samples import ALGORITHMS, OPTIONS, sample


def noise(size: int) -> bytes:
    return random.Random(5).randbytes(size)


HOSTILE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda good: b"",
    "blank": lambda good: b"\n \n\r\n\t\n",
    "noise": lambda good: noise(100_000),
    "noise in lines": lambda good: b"\n".join(noise(50) for _ in range(2000)),
    "packed noise": lambda good: gzip.compress(noise(100_000)),
    "noise behind the magic of gzip": lambda good: b"\x1f\x8b" + noise(1000),
    "torn gzip": lambda good: gzip.compress(good)[:-7],
    "UTF-16": lambda good: good.decode(errors="replace").encode("utf-16"),
    "UTF-16 without mark": lambda good: good.decode(errors="replace").encode("utf-16-le"),
    "latin-1": lambda good: good.replace(b'"', b'"\xe9').replace(b",", b",\xe9"),
    "NUL": lambda good: good.replace(b"a", b"\0"),
    "only NUL": lambda good: b"\0" * 100_000,
    "depth bomb of arrays": lambda good: b"[" * 100_000,
    "depth bomb of objects": lambda good: b'{"results":' * 100_000,
    "depth bomb in a cell": lambda good: b"hash,extra\nabc," + b'{"a":' * 100_000 + b"\n",
    "depth bomb within": lambda good: good.replace(b"1", b"[" * 100_000, 1),
    "ten thousand columns": lambda good: b"hash" + b",c" * 10_000 + b"\nabc" + b",1" * 10_000,
    "ten thousand keys": lambda good: b"{" + b",".join(b'"hash%d":1' % n for n in range(10_000)) + b"}",
    "cut": lambda good: good[: len(good) // 2],
    "twice": lambda good: good + good,
    "lone CR": lambda good: good.replace(b"\n", b"\r"),
    "quotes": lambda good: good.replace(b",", b'"') + b'"' * 100_000,
    "commas": lambda good: good + b"," * 100_000,
}


def error_of(call: Callable[[], object]) -> str | None:
    """The text of the FormatError that a call ends in; any other exception fails the test."""
    try:
        call()
    except FormatError as error:
        return str(error)
    return None


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_files_end_in_rejects_or_one_sentence(name: str, what: str) -> None:
    content = HOSTILE[what](sample(name))
    chunks: list[RawRows] = []
    error = error_of(lambda: chunks.extend(FORMATS[name].read(Source(content=content, name="hostile.csv"), OPTIONS)))
    if error is None:
        assert sum(len(chunk.rows) + len(chunk.rejects) + len(chunk.headers) for chunk in chunks) > 0
    else:
        assert error.startswith("hostile.csv ")
        assert "\n" not in error
        assert len(error) < 2000
    assert all(reject.reason and len(reject.reason) < 300 for chunk in chunks for reject in chunk.rejects)


@pytest.mark.parametrize("what", HOSTILE)
def test_recognising_raises_nothing_but_a_format_error(what: str) -> None:
    for name in FORMATS:
        content = HOSTILE[what](sample(name))
        error = error_of(functools.partial(recognise_bytes, content))
        assert error is None or error.startswith("hostile.csv ")


def recognise_bytes(content: bytes) -> None:
    assert recognise(Source(content=content, name="hostile.csv"), ALGORITHMS).name in FORMATS


PIECES = st.sampled_from(
    [
        *(b'{ } [ ] , : ; " \\ \t \n hash digest id results hash_digest hashmatch list extra labels hashes hex'.split(b" ")),
        b"\r\n", b"\0", b"\xff", b"null", b"true", b"1e999", b'{"digest":"', b'{"hash_digest":"', b'"results":[', b"pdq ", b"abcdef12",
    ]
)  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
@given(content=st.binary(max_size=200) | st.lists(PIECES, max_size=30).map(b"".join))
@settings(max_examples=200)
def test_any_bytes_raise_nothing_but_a_format_error(name: str, content: bytes) -> None:
    options = ReadOptions(algorithms=ALGORITHMS)
    try:
        source = Source(content=content)
        FORMATS[name].recognises(source, ALGORITHMS)
        rows = sum(len(chunk.rows) for chunk in FORMATS[name].read(source, options))
    except FormatError:
        return
    assert rows <= content.count(b"\n") + content.count(b"{") + content.count(b",") + 1


FREE = {b"\0": sources._BOMB_FREE, b"\n": 1024 * 1024}
"""What bombs are full of -> bytes that may be unpacked before it is asked how they pack: fewer where each is a line, which
takes its time, whatever their number is.
"""


@pytest.fixture(scope="module", params=FREE, ids=["zeros", "newlines"])
def bomb(request: pytest.FixtureRequest) -> tuple[int, bytes]:
    content = gzip.compress(request.param * (64 * 1024 * 1024))
    assert len(content) < 128 * 1024
    return FREE[request.param], content


@pytest.mark.parametrize("name", FORMATS)
def test_a_gzip_bomb_is_refused(name: str, bomb: tuple[int, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    free, content = bomb
    monkeypatch.setattr(sources, "_BOMB_FREE", free)
    # The bomb is a member of its own behind a good list, as gzip files may be joined.
    source = Source(content=gzip.compress(sample(name) + b"\n") + content, name="bomb.gz")
    with pytest.raises(FormatError, match=r"^bomb\.gz .*(200 times its size|no JSON array|packed with gzip)"):
        list(FORMATS[name].read(source, OPTIONS))


@pytest.fixture(scope="module")
def long_line(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("long") / "line.txt"
    with path.open("wb") as file:
        for _ in range(200):
            file.write(b"a" * 1_000_000)
    return path


@pytest.mark.parametrize("name", ["hashes", "jsonl", "lines", "csv"])
def test_a_line_of_200_mb_takes_little_memory(name: str, long_line: Path) -> None:
    tracemalloc.start()
    error = error_of(lambda: list(FORMATS[name].read(Source(long_line), OPTIONS)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert error is not None
    assert "longer than 16777216 bytes" in error
    assert peak < 64 * 1024 * 1024


@pytest.mark.parametrize("name", ["tcap", "tcap-v1"])
def test_a_document_of_one_long_line_is_refused(name: str, long_line: Path) -> None:
    assert error_of(lambda: list(FORMATS[name].read(Source(long_line), OPTIONS))) is not None
    assert error_of(lambda: recognise(Source(long_line), ALGORITHMS)) is not None
