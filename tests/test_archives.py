"""Files in archives: all of them, none twice, whatever the archive is."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from hashmatch import archives
from hashmatch.archives import archived_files, is_archive
from hashmatch.finding import find_files
from hashmatch.frames import Limits
from hashmatch.hashing import FileContent, hash_file
from hashmatch.results import HashReport
from hashmatch.uploads import hash_many

from .drawing import textured

ROOT = Path(__file__).parent.parent

ENTRIES = {"a.txt": b"first", "folder/b.txt": b"", "ü/c\n.bin": os.urandom(100_000)}
MODES = {"tar": "w", "tar.gz": "w:gz", "tgz": "w:gz", "tar.bz2": "w:bz2", "tar.xz": "w:xz"}


def tarred(path: Path, entries: dict[str, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in entries.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def zipped(path: Path, entries: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def written(folder: Path, kind: str, entries: dict[str, bytes]) -> Path:
    path = folder / f"archive.{kind}"
    return zipped(path, entries) if kind == "zip" else tarred(path, entries, MODES[kind])


def reasons(path: Path, limits: Limits | None = None) -> list[str | None]:
    found = archived_files(str(path), limits or Limits())
    return [one.error if isinstance(one, HashReport) else None for one in found]


every = pytest.mark.parametrize("kind", ["zip", *MODES])


@every
def test_each_file_is_given_with_its_name(kind: str, tmp_path: Path) -> None:
    path = written(tmp_path, kind, ENTRIES)
    assert is_archive(str(path))
    assert list(archived_files(str(path))) == [FileContent(f"{path}/{name}", ENTRIES[name]) for name in ENTRIES]


@every
@pytest.mark.parametrize("workers", [0, 2])
def test_pictures_in_archives_hash_like_files(kind: str, workers: int, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    Image.fromarray(textured(60, 70)).save(picture)
    path = written(tmp_path, kind, {"in/picture.png": picture.read_bytes(), "bad.png": b"\x89PNG\r\n\x1a\n"})
    good, bad = hash_many(find_files([path]), workers=workers)
    assert good.file == f"{path}/in/picture.png"
    assert good.hashed is not None
    assert good.hashed.file == good.file
    assert dict(good.hashed.hashes) == dict(hash_file(picture).hashes)
    assert bad.hashed is not None
    assert list(bad.hashed.failures) == ["pdq"]


@every
def test_an_archive_in_an_archive_is_told(kind: str, tmp_path: Path) -> None:
    path = written(tmp_path, kind, {"inner.ZIP": b"PK", "inner.tgz": b"", "a.txt": b"x"})
    assert reasons(path) == [
        f"{path}/inner.ZIP: it is an archive in an archive, which is not opened",
        f"{path}/inner.tgz: it is an archive in an archive, which is not opened",
        None,
    ]


@every
def test_a_file_that_is_too_long_is_told_and_the_next_goes_on(kind: str, tmp_path: Path) -> None:
    path = written(tmp_path, kind, {"long": os.urandom(2001), "fits": os.urandom(2000)})
    told = f"{path}/long: it has more than the limit of 2000 bytes, which holds in an archive"
    assert reasons(path, Limits(media_bytes=2000)) == [told, None]


@pytest.mark.parametrize("kind", ["zip", "tar.gz", "tar.xz"])
def test_an_archive_that_unpacks_to_very_much_is_left(kind: str, tmp_path: Path) -> None:
    path = written(tmp_path, kind, {f"{number}": bytes(40 << 20) for number in range(8)})
    told = reasons(path, Limits(media_bytes=20 << 20))
    assert told[-1] == (f"{path}: it unpacks to more than 100 times its size; what comes after that is not looked at")
    assert 1 <= len(told) < 8


@every
def test_a_cut_archive_gives_what_comes_before(kind: str, tmp_path: Path) -> None:
    path = written(tmp_path, kind, ENTRIES)
    content = path.read_bytes()
    for length in (0, 1, 100, 512, 1024, len(content) // 2, len(content) - 100):
        path.write_bytes(content[:length])
        found = list(archived_files(str(path)))
        good = [one for one in found if isinstance(one, FileContent)]
        told = [one for one in found if isinstance(one, HashReport)]
        assert good == [FileContent(f"{path}/{name}", ENTRIES[name]) for name in ENTRIES][: len(good)]
        assert len(told) <= 1
        for report in told:
            assert report.error is not None
            assert report.error.startswith(f"{path}: it cannot be read as an archive: ")
            assert "\n" not in report.error
        assert told or (kind == "tar" and len(good) == len(ENTRIES)), "what is missing is said to be"


def test_what_is_no_regular_file_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "archive.tar"
    with tarfile.open(path, "w") as archive:
        for name, kind in (
            ("d", tarfile.DIRTYPE),
            ("l", tarfile.SYMTYPE),
            ("p", tarfile.FIFOTYPE),
            ("c", tarfile.CHRTYPE),
        ):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
        archive.addfile(tarfile.TarInfo("empty"))
    assert list(archived_files(str(path))) == [FileContent(f"{path}/empty", b"")]
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w") as packed:
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(link, "/etc/passwd")
        packed.writestr("folder/", b"")
        packed.writestr("file", b"x")
    assert list(archived_files(str(path))) == [FileContent(f"{path}/file", b"x")]


def test_an_encrypted_file_is_told(tmp_path: Path) -> None:
    path = zipped(tmp_path / "archive.zip", {"a": b"x", "b": b"y"}, zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(signature) + place] |= 1
    path.write_bytes(content)
    assert reasons(path) == [f"{path}/a: it is encrypted", None]


def test_a_damaged_file_in_a_zip_spoils_no_other(tmp_path: Path) -> None:
    path = zipped(tmp_path / "archive.zip", {"a": b"x" * 999, "b": b"y"}, zipfile.ZIP_STORED)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"xxx", b"xyx", 1))
    assert reasons(path) == [f"{path}/a: Bad CRC-32 for file 'a'", None]


def test_a_table_of_contents_that_fills_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_DIRECTORY_BYTES", 10_000)
    path = zipped(tmp_path / "archive.zip", {f"{number:0100}": b"" for number in range(100)})
    assert reasons(path) == [f"{path}: its table of contents has more than 10000 bytes"]


def test_a_header_that_fills_the_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "archive.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("before"))
        archive.addfile(tarfile.TarInfo("n" * (20 << 20)))
        archive.addfile(tarfile.TarInfo("after"))
    before, told = reasons(path)
    assert before is None
    assert told is not None
    assert told.startswith(f"{path}: it has a header of 209")


def test_very_many_headers_before_a_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "archive.tar"
    header = tarfile.TarInfo("h")
    header.type, header.size = tarfile.XHDTYPE, 512
    block = header.tobuf() + b"11 path=abc\n".ljust(512, b"\0")
    path.write_bytes(block * 1000 + tarfile.TarInfo("file").tobuf() + bytes(1024))
    assert reasons(path) == [f"{path}: it has more than 131072 bytes between two files"]


SIX = {f"{number}.txt": bytes([65 + number]) * 700 for number in range(6)}


@pytest.mark.parametrize("place", ["checksum", "cut", "garbage", "zero block", "another archive", "no end"])
def test_a_damaged_tar_never_ends_silently(place: str, tmp_path: Path) -> None:
    path = tarred(tmp_path / "archive.tar", SIX)
    content = bytearray(path.read_bytes())
    # Each file has a block for its header and two for its content.
    second = 3 * 512
    if place == "checksum":
        content[second + 3] ^= 1
    elif place == "cut":
        del content[second + 200 :]
    elif place == "garbage":
        content[second:second] = b"x" * 512
    elif place == "zero block":
        content[second:second] = bytes(512)
    elif place == "another archive":
        content += bytes(content)
    else:
        del content[6 * second :]
    path.write_bytes(content)
    found = list(archived_files(str(path)))
    assert isinstance(found[-1], HashReport)
    assert str(found[-1].error).startswith(f"{path}: it cannot be read as an archive: ")
    good = [one for one in found if isinstance(one, FileContent)]
    assert [one.content for one in good] == list(SIX.values())[: len(good)]
    assert len(good) == (6 if place in ("another archive", "no end") else 1)


def test_a_tar_member_of_no_known_type_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "archive.tar"
    with tarfile.open(path, "w") as archive:
        for name, kind in (("a", tarfile.REGTYPE), ("b", b"Z"), ("c", tarfile.REGTYPE)):
            member = tarfile.TarInfo(name)
            member.type, member.size = kind, 4
            archive.addfile(member, io.BytesIO(b"data"))
    assert [one.file for one in archived_files(str(path))] == [f"{path}/{name}" for name in "abc"]


def test_zip_members_cannot_hide(tmp_path: Path) -> None:
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for name, system, mode in (("dos", 0, stat.S_IFLNK), ("pipe", 3, stat.S_IFIFO), ("link", 3, stat.S_IFLNK)):
            member = zipfile.ZipInfo(name)
            member.create_system, member.external_attr = system, (mode | 0o644) << 16
            packed.writestr(member, b"x" * 5000)
        packed.writestr("folder/", b"content")
        packed.writestr("plain", b"y")
    names = ["dos", "pipe", "link", "folder/", "plain"]
    assert [one.file for one in archived_files(str(path))] == [f"{path}/{name}" for name in names]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_unpacks_without_bound_is_not_unpacked(method: int, tmp_path: Path) -> None:
    path = zipped(tmp_path / "archive.zip", {"bomb": bytes(50 << 20)}, method)
    assert reasons(path) == [f"{path}/bomb: it is packed by another method than deflate, which is not read"]


def test_memory_is_that_of_one_file(tmp_path: Path) -> None:
    path = written(tmp_path, "tar", {f"{number}": bytes(10 << 20) for number in range(30)})
    script = (
        "import resource, sys\n"
        "from hashmatch.archives import archived_files\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "assert sum(1 for _ in archived_files(sys.argv[1])) == 30\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    command = [sys.executable, "-c", script, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 80 << 10
