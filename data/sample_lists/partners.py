"""Lists of invented partners in plain formats: CSV, lines, JSON lines, checksums, vPDQ, and what hashmatch itself prints."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from sample_pictures import Draw, save_jpeg, save_png, scene
from sample_videos import FILM_SECONDS, film

import hashmatch
from hashmatch.cli.lines import hash_line

from .base import SampleList, as_lines, settings
from .digests import drawn, made_up, of_file

_EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""Of no bytes at all: partners list it when an upload failed, and nothing may match it."""


def _north(media: Path) -> bytes:
    """A partner's table with names of its own for two columns, and cases of several hashes."""
    rows = [
        ("N-101", "pdq", drawn("valley"), 100, "behaviour:propaganda;severity:high", "reviewer-7"),
        ("N-101", "phash", drawn("valley", algorithm="phash"), "", "behaviour:propaganda;severity:high", "reviewer-7"),
        ("N-102", "sha256", of_file(media / "manual.txt", "sha256"), "", "behaviour:instruction", "reviewer-2"),
        ("N-103", "pdq", drawn("harvest"), 100, "entity:example-group", "reviewer-2"),
    ]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("case", "algorithm", "hash_hex", "quality", "labels", "reviewed_by"))
    writer.writerows(rows)
    return text.getvalue().encode()


def _south(_: Path) -> bytes:
    """Lines as the PDQ tools write them: hash, quality, file name."""
    scenes = {"bridge": drawn("bridge"), "tower": drawn("tower", 320, 240), "stadium": drawn("stadium")}
    return "".join(f"{digest},100,{name}.jpg\n" for name, digest in scenes.items()).encode()


def _east(_: Path) -> bytes:
    """Our own form: the list's settings in a header, dates, an expiry, a negative opinion, and a field of theirs."""
    list_ = {"name": "east", "partner": "Example Partner East", "role": "block", "share_level": "green"}
    expiring = {"created_at": "2025-02-01T00:00:00Z", "expires_at": "2031-02-01T00:00:00Z"}
    return as_lines(
        {"hashmatch": 1, "list": list_, "partial": False},
        {
            "list": "east",
            "source_id": "E-1",
            "algorithm": "pdq",
            "digest": made_up("pdq", "rally"),
            "media_type": "image",
            "quality": 96,
            "labels": ["entity:example-group"],
            **expiring,
            "extra": {"desk": "Example Desk"},
        },
        {"list": "east", "source_id": "E-1", "algorithm": "md5", "digest": made_up("md5", "rally"), **expiring},
        {
            "list": "east",
            "source_id": "E-2",
            "algorithm": "sha256",
            "digest": made_up("sha256", "news report"),
            "opinion": "negative",
        },
    )


def _west(media: Path) -> bytes:
    """What sha256sum prints: a binary file, a name that goes over two lines, and a file that was empty."""
    lines = [
        f"{of_file(media / 'manual.txt', 'sha256')}  manual (copy).txt",
        f"{made_up('sha256', 'march')} *march.mp4",
        rf"\{made_up('sha256', 'flyer')}  flyer\nsecond page.pdf",
        f"{_EMPTY_SHA256}  upload-failed.mp4",
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def _quay(_: Path) -> bytes:
    """A video as vPDQ's tools write it, a frame a second: it begins dark, so that its first frame is of low quality."""
    lines = []
    for second in range(FILM_SECONDS):
        shown = hashmatch.hash_image(film(Fraction(second)))["pdq"]
        lines.append(f"{25 * second},{shown.quality},{shown.hex},{second:.3f}\n")
    return "".join(lines).encode()


def _own_removals(_: Path) -> bytes:
    """What ``hashmatch hash --json`` says of two files that a platform took down."""
    removed: dict[str, Draw] = {"terrace.jpg": save_jpeg(scene("terrace")), "avenue.png": save_png(scene("avenue"))}
    lines = []
    with TemporaryDirectory() as temporary:
        for name, draw in removed.items():
            file = Path(temporary) / name
            draw(file)
            lines.append(json.dumps(hash_line(f"removed/{name}", hashmatch.hash_file(file))))
    return "".join(f"{line}\n" for line in lines).encode()


def _allowed(media: Path) -> bytes:
    """One hash that must not lead to a match."""
    return f"{of_file(media / 'poster_harmless.jpg', 'pdq')}\n".encode()


_NORTH_COLUMNS = {"source_id": "case", "digest": "hash_hex"}

LISTS = {
    "partner_north.csv": SampleList(_north, settings("north", "Example Partner North", "green", map=_NORTH_COLUMNS)),
    "partner_south.txt": SampleList(_south, settings("south", "Example Partner South", "clear", algorithm="pdq")),
    "partner_east.jsonl": SampleList(_east, settings("east", "Example Partner East", "green")),
    "partner_west.sha256": SampleList(_west, settings("west", "Example Partner West", "green")),
    "partner_quay.vpdq.txt": SampleList(_quay, settings("quay", "Example Partner Quay", "green", source_id="Q-1")),
    "own_removals.jsonl": SampleList(_own_removals, settings("own-removals", "Example Platform", "red")),
    "allowed.txt": SampleList(_allowed, settings("allowed", "Example Platform", "red", role="allow", algorithm="pdq")),
}
