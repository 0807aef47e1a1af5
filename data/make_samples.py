"""Makes the sample data anew: ``python data/make_samples.py [FOLDER]``, by default into this folder.

Every picture and video is drawn by code from a seed, every hash is computed by hashmatch from those pictures or made up, and
the partners are invented. Expected matches are not made here: they are written down by hand in
``expected_matches.json``, so that a test can hold the one against the other.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sample_lists import LISTS
from sample_lists.base import as_json
from sample_pictures import pictures
from sample_videos import videos


def make_samples(folder: Path) -> None:
    """Write ``sample_media`` and ``sample_hashes`` below ``folder``."""
    media, lists = folder / "sample_media", folder / "sample_hashes"
    media.mkdir(parents=True, exist_ok=True)
    lists.mkdir(parents=True, exist_ok=True)
    for name, write in {**pictures(), **videos()}.items():
        write(media / name)
    for name, sample in LISTS.items():
        (lists / name).write_bytes(sample.content(media))
    (lists / "lists.json").write_bytes(as_json({name: sample.settings for name, sample in LISTS.items()}))


if __name__ == "__main__":
    make_samples(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
