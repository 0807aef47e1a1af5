"""Makes the sample data anew: ``python data/make_samples.py [FOLDER]``, by default into this folder.

Every picture is drawn by code from a seed, every hash is computed by hashmatch from those pictures, and
the partners are invented. Expected matches are not made here: they are written down by hand in
``expected_matches.json``, so that a test can hold the one against the other.
"""

from __future__ import annotations

import csv
import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

from sample_pictures import Draw, pictures, save_jpeg, save_png, scene

import hashmatch
from hashmatch.cli.lines import hash_line

FIRST_DAY = datetime(2025, 1, 1, tzinfo=timezone.utc)

SETTINGS = {
    "tcap.json": {
        "name": "tcap-sample",
        "partner": "Sample data (TCAP shape)",
        "role": "block",
        "share_level": "amber",
    },
    "partner_north.csv": {
        "name": "north",
        "partner": "Example Partner North",
        "role": "block",
        "share_level": "green",
        "map": {"source_id": "case", "digest": "hash_hex"},
    },
    "partner_south.txt": {
        "name": "south",
        "partner": "Example Partner South",
        "role": "block",
        "share_level": "clear",
        "algorithm": "pdq",
    },
    "own_removals.jsonl": {
        "name": "own-removals",
        "partner": "Example Platform",
        "role": "block",
        "share_level": "red",
    },
    "allowed.txt": {
        "name": "allowed",
        "partner": "Example Platform",
        "role": "allow",
        "share_level": "red",
        "algorithm": "pdq",
    },
}


def make_samples(folder: Path) -> None:
    """Write ``sample_media`` and ``sample_hashes`` below ``folder``."""
    media, lists = folder / "sample_media", folder / "sample_hashes"
    media.mkdir(parents=True, exist_ok=True)
    lists.mkdir(parents=True, exist_ok=True)
    for name, draw in pictures().items():
        draw(media / name)
    _write_tcap(lists / "tcap.json", media)
    _write_north(lists / "partner_north.csv", media)
    _write_south(lists / "partner_south.txt")
    _write_own_removals(lists / "own_removals.jsonl")
    (lists / "allowed.txt").write_text(f"{_hex(media / 'poster_harmless.jpg', 'pdq')}\n", encoding="utf-8")
    _write_json(lists / "lists.json", SETTINGS)


def _write_tcap(path: Path, media: Path) -> None:
    """All pages of a feed as one document: four algorithms of one file, PDQ of two more, one row deleted."""
    coast = media / "coast.jpg"
    claims = [
        *((algorithm.upper(), _hex(coast, algorithm), "Islamist", "jpg", False) for algorithm in _FEED_ALGORITHMS),
        ("PDQ", _drawn("lantern", 320, 240), "Far-Right", "png", False),
        ("PDQ", _drawn("poster"), "Far-Right", "jpg", False),
        ("PDQ", _drawn("ferry"), "Islamist", "mp4", False),
        ("PDQ", _drawn("quarry"), "Islamist", "jpg", True),
    ]
    results = []
    for number, (algorithm, digest, ideology, file_type, deleted) in enumerate(claims):
        updated = FIRST_DAY + timedelta(hours=number, microseconds=222779)
        results.append(
            {
                "hash_digest": digest,
                "algorithm": algorithm,
                "ideology": ideology,
                "file_type": file_type,
                "deleted": deleted,
                "updated_on": updated.timestamp(),
                "created_on": f"{FIRST_DAY:%Y-%m-%d %H:%M:%S},587",
                "id": 70001 + number,
            }
        )
    last = results[-1]
    document = {
        "count": len(results),
        "next": None,
        "previous": None,
        "checkpoint": f"{last['updated_on']},{last['id']}",
        "results": results,
    }
    _write_json(path, document)


_FEED_ALGORITHMS = ("md5", "sha256", "sha512", "pdq")


def _write_north(path: Path, media: Path) -> None:
    """A partner's table with names of its own for two columns, and cases of several hashes."""
    rows = [
        ("N-101", "pdq", _drawn("valley"), 100, "behaviour:propaganda;severity:high", "reviewer-7"),
        ("N-101", "phash", _drawn("valley", algorithm="phash"), "", "behaviour:propaganda;severity:high", "reviewer-7"),
        ("N-102", "sha256", _hex(media / "manual.txt", "sha256"), "", "behaviour:instruction", "reviewer-2"),
        ("N-103", "pdq", _drawn("harvest"), 100, "entity:example-group", "reviewer-2"),
    ]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("case", "algorithm", "hash_hex", "quality", "labels", "reviewed_by"))
        writer.writerows(rows)


def _write_south(path: Path) -> None:
    """Lines as the PDQ tools write them: hash, quality, file name."""
    drawn = {"bridge": _drawn("bridge"), "tower": _drawn("tower", 320, 240), "stadium": _drawn("stadium")}
    lines = [f"{digest},100,{name}.jpg\n" for name, digest in drawn.items()]
    path.write_text("".join(lines), encoding="utf-8")


def _write_own_removals(path: Path) -> None:
    """What ``hashmatch hash --json`` says of two files that a platform took down."""
    removed: dict[str, Draw] = {"terrace.jpg": save_jpeg(scene("terrace")), "avenue.png": save_png(scene("avenue"))}
    with TemporaryDirectory() as temporary, path.open("w", encoding="utf-8") as stream:
        for name, draw in removed.items():
            file = Path(temporary) / name
            draw(file)
            stream.write(json.dumps(hash_line(f"removed/{name}", hashmatch.hash_file(file))) + "\n")


def _drawn(name: str, width: int = 480, height: int = 360, algorithm: str = "pdq") -> str:
    """The hash of a scene as it was drawn, before any file format touched it."""
    return hashmatch.hash_image(scene(name, width, height), algorithms=(algorithm,))[algorithm].hex


def _hex(file: Path, algorithm: str) -> str:
    return hashmatch.hash_file(file, algorithms=(algorithm,))[algorithm].hex


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    make_samples(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
