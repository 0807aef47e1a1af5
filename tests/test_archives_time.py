"""Files in archives have their time, by a clock that goes on whenever it is looked at."""

from __future__ import annotations

import gzip
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from hashmatch import archives, patience
from hashmatch.archives import archived_files
from hashmatch.finding import find_files
from hashmatch.frames import Limits
from hashmatch.hashing import FileContent
from hashmatch.results import HashReport
from hashmatch.uploads import hash_many

from .test_archives import MODES, written

LATE = "it took longer than the limit of 60 s"
LEFT = "what comes after that is not looked at"
SLOW = {"a.txt": b"first", "slow": bytes(8 << 20), "b.txt": b"second"}

every = pytest.mark.parametrize("kind", ["zip", *MODES])


class Ticking:
    """A clock on which every look takes a second, and of which the processor works all the time."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        self.now += 1
        return self.now

    def process_time(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Ticking:
    clock = Ticking()
    monkeypatch.setattr(patience, "time", clock)
    # So that a file of some megabytes has many pieces.
    monkeypatch.setattr(archives, "_CHUNK", 1 << 16)
    return clock


def told(path: Path) -> list[str | None]:
    return [one.error if isinstance(one, HashReport) else None for one in archived_files(str(path))]


def test_a_file_in_a_zip_that_takes_too_long_is_told_and_the_next_goes_on(tmp_path: Path) -> None:
    path = written(tmp_path, "zip", SLOW)
    assert told(path) == [None, f"{path}/slow: {LATE}", None]


@pytest.mark.parametrize("kind", MODES)
def test_what_comes_behind_one_in_a_tar_is_told_to_be_lost(kind: str, tmp_path: Path) -> None:
    path = written(tmp_path, kind, SLOW)
    assert told(path) == [None, f"{path}/slow: {LATE}; {LEFT}"]
    assert [one.file for one in hash_many(find_files([path]), ("sha256",), workers=0)] == [
        f"{path}/a.txt",
        f"{path}/slow",
    ]


@pytest.mark.parametrize("kind", MODES)
def test_what_is_passed_over_in_a_tar_takes_its_time_too(kind: str, tmp_path: Path) -> None:
    path = written(tmp_path, kind, {"a.txt": b"first", "slow.zip": bytes(8 << 20), "b.txt": b"second"})
    inner = f"{path}/slow.zip: it is an archive in an archive, which is not opened"
    assert told(path) == [None, inner, f"{path}: {LATE}; {LEFT}"]


def test_what_unpacks_to_nearly_nothing_takes_its_time(tmp_path: Path) -> None:
    path = tmp_path / "archive.zip"
    packed = b"\0\0\0\xff\xff" * (2 << 20) + b"\1\1\0\xfe\xffx"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (("a", b"a"), ("slow", packed), ("b", b"b")):
            archive.writestr(name, content)
    # It was stored; now it says that it was deflated from one byte.
    content = path.read_bytes()
    for place in (content.index(b"slow") - 30, content.rindex(b"slow") - 46):
        fields = place + (8 if content[place + 2] == 3 else 10)
        said = b"\x08\0" + content[fields + 2 : fields + 6] + struct.pack("<3I", zlib.crc32(b"x"), len(packed), 1)
        content = content[:fields] + said + content[fields + len(said) :]
    path.write_bytes(content)
    assert told(path) == [None, f"{path}/slow: {LATE}", None]


def test_a_gzip_of_nothing_without_end_takes_its_time(tmp_path: Path) -> None:
    path = written(tmp_path, "tar.gz", {"a.txt": b"first"})
    path.write_bytes(gzip.compress(b"") * 50_000 + path.read_bytes())
    assert told(path) == [f"{path}: {LATE}; {LEFT}"]


@every
def test_who_takes_them_may_take_any_time(kind: str, clock: Ticking, tmp_path: Path) -> None:
    path = written(tmp_path, kind, {str(number): bytes([number]) * 1000 for number in range(5)})
    found = []
    for one in archived_files(str(path), Limits()):
        found.append(one)
        clock.now += 1000
    assert found == [FileContent(f"{path}/{number}", bytes([number]) * 1000) for number in range(5)]
