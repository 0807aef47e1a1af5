"""Lists from strangers, end to end: rejects or one clear sentence, and a bank that is right or as it was."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hashmatch import HashBank, Matcher
from hashmatch.errors import FormatError, HashmatchError
from hashmatch.formats.source import Source

from .commands import Commands, commands

PEAK = 320 * 1024 * 1024
"""Bytes of memory that no import here may need: several times what the largest good list of these takes."""

Pieces = Iterator[bytes]


def code(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


ONE, TWO, THREE = code("one"), code("two"), code("three")
CSV = f"id,hash,algorithm,labels\n1,{ONE},pdq,a:b\n2,{TWO},pdq,é\n3,{code('3')[:32]},md5,\n"
HEADER = json.dumps({"hashmatch": 1, "list": {"name": "x"}, "partial": False})
ROW = json.dumps({"list": "x", "source_id": "1", "algorithm": "pdq", "digest": ONE})


def noise(size: int) -> bytes:
    return random.Random(4).randbytes(size)


def single_line(begin: bytes, piece: bytes, end: bytes = b"") -> Callable[[], Pieces]:
    """A line of 200 MB."""

    def pieces() -> Pieces:
        yield begin
        for _ in range(200):
            yield piece * (1_000_000 // len(piece))
        yield end

    return pieces


def gzip_bomb() -> Pieces:
    """4 GB of comments in 4 MB: many members, which gzip reads as one file."""
    yield gzip.compress(CSV.encode())
    member = gzip.compress((b"#" * 63 + b"\n") * (1 << 20), 9)
    for _ in range(64):
        yield member


@dataclass(frozen=True)
class Case:
    """A file, and what must come of it."""

    content: bytes | Callable[[], Pieces]
    name: str = "list.csv"
    error: str | None = None
    """Part of the one sentence; None: it is taken."""
    counts: dict[str, int] = field(default_factory=dict)
    reason: str = ""
    """Part of the reason of the first reject."""

    def write(self, folder: Path) -> Path:
        path = folder / self.name
        with path.open("wb") as stream:
            for piece in [self.content] if isinstance(self.content, bytes) else self.content():
                stream.write(piece)
        return path


def taken(content: bytes, name: str = "list.csv", reason: str = "", **counts: int) -> Case:
    return Case(content, name, None, counts, reason)


def table(*lines: str) -> bytes:
    return "\n".join(["id,hash,algorithm", *lines, ""]).encode()


def video(*codes: str) -> bytes:
    """The frames of a video, as vPDQ's tools write them."""
    return "".join(f"{number},100,{code},{number:.3f}\n" for number, code in enumerate(codes)).encode()


def film(frames: int) -> Callable[[], Pieces]:
    """The same of a long one; each hash has 128 ones."""
    return lambda: (
        f"{number},100,{number:032x}{2**128 - 1 - number:032x},{number / 30:.3f}\n".encode() for number in range(frames)
    )


SMALL: dict[str, Case] = {
    "empty": Case(b"", error="is empty"),
    "empty lines": Case(b"\n\r\n \n" * 1000, error="is empty"),
    "empty gzip": Case(gzip.compress(b""), "list.csv.gz", error="is empty"),
    "only a header": Case(b"id,hash,algorithm\n", error="no good row"),
    "noise": Case(noise(300_000), "list.bin", error="in no list format"),
    "noise called csv": Case(noise(300_000), error=""),
    "noise in gzip": Case(gzip.compress(noise(300_000)), "list.gz", error="in no list format"),
    "noise after a good row": taken(CSV.encode() + noise(3000), added=3),
    "zeros": Case(bytes(1_000_000), error=""),
    "picture": Case(b"\x89PNG\r\n\x1a\n" + noise(1000), "list.png", error="in no list format"),
    "utf-16": Case(CSV.encode("utf-16"), error="UTF-16"),
    "utf-16 without a mark": Case(CSV.encode("utf-16-le"), error=""),
    "utf-32": Case(CSV.encode("utf-32"), error="UTF-32"),
    "latin-1": taken(CSV.encode("latin-1"), reason="UTF-8", added=2, rejected=1),
    "plain": taken(CSV.encode(), added=3, rejected=0),
    "byte order mark": taken(b"\xef\xbb\xbf" + CSV.encode(), added=3, rejected=0),
    "cr lf": taken(CSV.replace("\n", "\r\n").encode(), added=3, rejected=0),
    "upper case": taken(table(f"1,{ONE.upper()},PDQ", f"2,{TWO.upper()},PDQ"), added=2, rejected=0),
    "odd length": taken(
        table(f"1,{ONE[1:]},pdq", f"2,{TWO},pdq"), reason="is not 64 hexadecimal digits", added=1, rejected=1
    ),
    "no hexadecimal": taken(table(f"1,{'g' * 64},pdq", f"2,{TWO},pdq"), reason="hex", added=1, rejected=1),
    "a video": taken(video(ONE, TWO), name="clip.txt", added=1, rows=2, rejected=0),
    "a video with a torn line": taken(
        video(ONE, TWO) + b"2,100," + THREE[:50].encode(),
        "clip.txt",
        "that is number,quality,hash,seconds",
        added=1,
        rejected=1,
    ),
    "a video of nothing": Case(b"[]", "clip.json", error=""),
    "a signal with a bad frame": taken(
        f'pdq {ONE}\nvpdq ["{TWO},100,0.0","{TWO},100"]\n'.encode(), "list.txt", "frame '1': ", added=1, rejected=1
    ),
    "all zero": taken(table(f"1,{'0' * 64},pdq", f"2,{TWO},pdq"), added=2, rejected=0, quarantined=1),
    "unknown algorithm": taken(
        table(f"1,{ONE},tmk", f"2,{TWO},pdq"), reason="unknown algorithm 'tmk'", added=1, rejected=1
    ),
    "nothing but unknown algorithms": Case(table(f"1,{ONE},tmk"), error="no good row"),
    "duplicate rows": taken(table(*[f"1,{ONE},pdq"] * 50), added=1, duplicates=49),
    "duplicate ids": taken(table(f"1,{ONE},pdq", f"1,{TWO},pdq", f"2,{ONE},pdq"), added=2, duplicates=0, rows=3),
    "one id on 300 rows": taken(table(*[f"1,{code(str(n))},pdq" for n in range(300)]), added=1, rows=300),
    "an id of 100 kB": taken(table(f"{'x' * 100_000},{ONE},pdq", f"2,{TWO},pdq"), reason="4096", added=1, rejected=1),
    "a NUL": taken(table(f"1\0,{ONE},pdq", f"2,{TWO},pdq"), added=1, rejected=1),
    "brackets": Case(b"[" * 3_000_000, "list.json", error=""),
    "nested objects": Case(b'{"results":[' + b'{"a":' * 1_000_000, "list.json", error=""),
    "a deep field": Case(
        b'{"count":1,"checkpoint":"1,1","results":[{"id":1,"hash_digest":"%s","algorithm":"PDQ","deleted":false,'
        b'"updated_on":1704901040.2,"x":%s%s}]}' % (ONE.encode(), b"[" * 200_000, b"]" * 200_000),
        "list.json",
        error="",
    ),
    "a deep row": taken(
        f'{HEADER}\n{ROW}\n{ROW[:-1]}, "source_id": "2", "extra": {{"x": {"[" * 100_000}{"]" * 100_000}}}}}\n'.encode(),
        "list.jsonl",
        reason="deep",
        added=1,
        rejected=1,
    ),
    "truncated gzip": Case(gzip.compress(table(*[f"{n},{code(str(n))},pdq" for n in range(5000)]))[:-90_000], error=""),
    "gzip without its end": Case(gzip.compress(CSV.encode())[:-4], error="cannot be"),
    "broken gzip": Case(gzip.compress(CSV.encode())[:30] + noise(300), error="cannot be"),
    "gzip of nothing": Case(b"\x1f\x8b", error="cannot be"),
    "a name of two lines": Case(b"", "a\nb\x1b[31m.csv", error="is empty"),
}

LARGE: dict[str, Case] = {
    "a line of letters": Case(single_line(b"", b"z"), "list.txt", error=""),
    "a line of digits": Case(single_line(b"", b"0"), "list.txt", error=""),
    "a line of cells": Case(single_line(b"id,hash", b",a"), "list.csv", error=""),
    "a line of brackets": Case(single_line(b"", b"["), "list.json", error=""),
    "a line of one value": Case(single_line(b'{"list": "', b"x"), "list.jsonl", error=""),
    "a line of quotes": Case(
        single_line(CSV.encode() + b'4,"', b'x""'), "list.csv", counts={"added": 3, "rejected": 1}
    ),
    "a long line among others": Case(
        single_line(f"pdq {ONE}\n".encode(), b"0", f"\npdq {TWO}\n".encode()),
        "list.txt",
        counts={"added": 2, "rejected": 1},
        reason="longer than",
    ),
    "a document of commas": Case(single_line(b'{"results":[', b"0,"), "list.json", error=""),
    "rejects": Case(
        lambda: iter([f"pdq {ONE}\n".encode(), b"pdq zz\n" * 200_000]),
        "list.txt",
        counts={"added": 1, "rejected": 200_000},
    ),
    "a film without end": Case(film(1_000_000), "film.txt", error="no good row"),
    "a video of one line": Case(single_line(b'["', f'{ONE},100,0.0","'.encode()), "film.json", error="too large"),
    "a signal without end": Case(
        single_line(f"pdq {ONE}\nvpdq [".encode(), b'"' + f"{TWO},100,0.0".encode() + b'",', b"]\n"),
        "list.txt",
        counts={"added": 1, "rejected": 1},
        reason="longer than",
    ),
    "gzip bomb": Case(gzip_bomb, "list.csv.gz", error="unpacks to more than"),
}


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bank with a published list."""
    folder = tmp_path_factory.mktemp("standing") / "bank"
    source = folder.parent / "first.csv"
    source.write_bytes(table(f"1,{THREE},pdq"))
    with HashBank.open(folder) as bank:
        bank.import_list(source, "first", publish=True)
    return folder


@pytest.fixture
def bank(standing: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(standing, tmp_path / "bank"))


def every_byte(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in folder.rglob("*")
    }


def check_right(bank: Path, case: Case) -> None:
    """The bank holds what was good of the file, beside what stood, and answers."""
    with HashBank.open(bank, create=False) as opened:
        (first,) = [own for own in opened.lists() if own.settings.name == "first"]
        (new,) = [own for own in opened.lists() if own.settings.name == "x"]
        assert (first.claims, new.claims) == (1, case.counts["added"])
        assert new.quarantined == case.counts.get("quarantined", 0)
        assert opened.snapshot(verify=True).batch == 2
        live = first.hashes + new.hashes - new.quarantined
    matcher = Matcher.open(bank)
    assert sum(matcher.snapshot.manifest.algorithms[name].records for name in matcher.algorithms) == live
    zero = matcher.search(matcher.snapshot.codes("pdq")[:1] * 0, "pdq", 0)
    assert len(zero.rows) == 0


def check_sentence(text: str, part: str) -> None:
    assert part in text
    assert text == text.strip()
    assert text.isprintable()
    assert 10 < len(text) < 500


@pytest.mark.parametrize("name", sorted(set(SMALL) - {"a name of two lines"}))
def test_a_list_of_a_stranger_is_taken_or_refused(name: str, bank: Path, tmp_path: Path) -> None:
    case = SMALL[name]
    path = case.write(tmp_path)
    before = every_byte(bank)
    with HashBank.open(bank) as opened:
        if case.error is None:
            report = opened.import_list(path, "x", publish=True)
            assert {count: getattr(report, count) for count in case.counts} == case.counts
            assert case.reason in "".join(reject.reason for reject in report.rejects[:1])
            assert len(report.rejects) == report.rejected
            check_right(bank, case)
        else:
            with pytest.raises(FormatError) as caught:
                opened.import_list(path, "x", publish=True)
            check_sentence(str(caught.value), case.error)
            assert every_byte(bank) == before


@pytest.mark.parametrize("name", ["only rejects", "nothing but unknown algorithms"])
def test_a_whole_list_without_a_good_row_withdraws_nothing(name: str, bank: Path, tmp_path: Path) -> None:
    content = table("1,zz,pdq") if name == "only rejects" else table(f"1,{ONE},tmk")
    path = Case(content).write(tmp_path)
    before = every_byte(bank)
    with HashBank.open(bank) as opened, pytest.raises(FormatError):
        opened.import_list(path, "first", mode="replace", accept_change=True)
    assert every_byte(bank) == before


@pytest.fixture(scope="module")
def every() -> Iterator[Commands]:
    with commands() as every:
        yield every


@pytest.mark.parametrize(
    "name", [*LARGE, "noise", "latin-1", "nested objects", "truncated gzip", "a name of two lines"]
)
def test_the_command_needs_little_memory_and_shows_no_traceback(
    name: str, bank: Path, every: Commands, tmp_path: Path
) -> None:
    case = LARGE.get(name) or SMALL[name]
    path = case.write(tmp_path)
    before = every_byte(bank)
    run = every.run("import", path, "--bank", bank, "--name", "x", "--json")
    path.unlink()
    assert run.peak < PEAK
    if case.error is None:
        (report,) = [json.loads(line) for line in run.stdout.splitlines()]
        assert run.stderr == ""
        assert run.status == (3 if report["rejected"] else 0)
        assert {count: report[count] for count in case.counts} == case.counts
        assert case.reason in "".join(reject["reason"] for reject in report["rejects"][:1])
        assert len(report["rejects"]) == min(report["rejected"], 1000)
        check_right(bank, case)
    else:
        assert run.status == 1
        assert run.stdout == ""
        begin, _, sentence = run.stderr.removesuffix("\n").partition(": ")
        assert begin == "Error"
        check_sentence(sentence, case.error)
        assert every_byte(bank) == before


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe", "loop"])
def test_what_is_no_file_is_refused_at_once(kind: str, bank: Path, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "loop":
        path.symlink_to(path)
    before = every_byte(bank)
    with HashBank.open(bank) as opened, pytest.raises(HashmatchError) as caught:
        opened.import_list(path, "x")
    check_sentence(str(caught.value), "list.csv")
    assert every_byte(bank) == before


def test_a_file_that_goes_on_without_a_good_row_is_given_up(bank: Path) -> None:
    content = b"".join(b"pdq:%060x\n" % number for number in range(200_000))
    with HashBank.open(bank) as opened, pytest.raises(FormatError, match=r"none of the first 1\d{5} rows is good"):
        opened.import_list(Source(content=content, name="hopeless.txt"), name="hopeless", mode="update", format="lines")
