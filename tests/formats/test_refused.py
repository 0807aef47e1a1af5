from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import sqlite3
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest

from hashmatch.errors import FormatError
from hashmatch.formats.refused import refusal
from hashmatch.formats.source import Source
from hashmatch.importing import read_list

from .samples import PDQ, SAMPLES

LIST = f"{PDQ}\n".encode()


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, LIST)
    return file.getvalue()


def tarred(mode: str) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:  # type: ignore[call-overload]
        member = tarfile.TarInfo("list.txt")
        member.size = len(LIST)
        archive.addfile(member, io.BytesIO(LIST))
    return file.getvalue()


def database(tmp_path: Path) -> bytes:
    path = tmp_path / "RDS.db"
    connection = sqlite3.connect(path)
    connection.execute("create table METADATA (hash text)")
    connection.commit()
    connection.close()
    return path.read_bytes()


TMK = b"TMK1FVECPDQF" + struct.pack("<5i", 15, 4, 32, 256, 284) + bytes(1000)
FILES: dict[str, tuple[bytes, str]] = {
    "video.tmk": (TMK, "is a TMK file: .* compared by their cosine"),
    "features.tmk": (TMK.replace(b"FVEC", b"FEAT"), "is a TMK file"),
    "list.zip": (zipped("list.csv"), "is a zip archive: unpack it"),
    "empty.zip": (zipped(), "is a zip archive"),
    "list.xlsx": (zipped("[Content_Types].xml", "xl/workbook.xml"), "is an Office document: save the sheet .* as CSV"),
    "other.xlsx": (zipped("_rels/.rels", "xl/workbook.xml"), "is an Office document"),
    "list.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "is an old Office document"),
    "list.pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "is a PDF document"),
    "list.tar": (tarred("w"), "is a tar archive"),
    "list.tar.gz": (tarred("w:gz"), "is a tar archive"),
    "list.7z": (b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(60), "is a 7z archive"),
    "list.rar": (b"Rar!\x1a\x07\x01\x00" + bytes(60), "is a rar archive"),
    "list.csv.bz2": (bz2.compress(LIST), "is packed, and not with gzip"),
    "list.csv.xz": (lzma.compress(LIST), "is packed, and not with gzip"),
    "list.csv.zst": (b"\x28\xb5\x2f\xfd\x04\x00" + bytes(60), "is packed, and not with gzip"),
    **{
        f"state-{protocol}.pickle": (pickle.dumps({"pdq": [PDQ]}, protocol=protocol), "is a Python pickle")
        for protocol in range(2, 6)
    },
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("format", [None, "csv", "ncmec"])
def test_what_is_no_list_says_what_to_do(name: str, format: str | None, tmp_path: Path) -> None:
    content, sentence = FILES[name]
    path = tmp_path / name
    for stored in (content, content if name.endswith(".gz") else gzip.compress(content)):
        path.write_bytes(stored)
        with pytest.raises(FormatError, match=rf"^{name.replace('.', '[.]')} {sentence}[^\n]*$"):
            read_list(Source(path), format=format)


def test_a_database_of_nsrl_says_what_to_export(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"^RDS\.db is an SQLite database: .* DISTINCT_HASH .* allow list$"):
        Source(content=database(tmp_path), name="RDS.db")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"TMK1FVECPDQF|AAAA\n",
        b"PK\n",
        b"BZh\n",
        b"7z,Rar!\n",
        b"hash\n" + b"x" * 252 + b"ustars\n",
        b"PAR1" + bytes(20),
        b"ARROW1\x00\x00",
        b"\xe2\x82\xac",
        *SAMPLES.values(),
    ],
)
def test_lists_are_not_refused(content: bytes) -> None:
    assert refusal(content) is None


def test_every_beginning_of_a_refused_file_is_looked_at_without_harm() -> None:
    for content, _ in FILES.values():
        for size in range(min(len(content), 400)):
            assert refusal(content[:size]) is None or isinstance(refusal(content[:size]), str)
