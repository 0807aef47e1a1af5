"""What a sample list is: a file's content, and what ``lists.json`` says of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SampleList:
    """One file of ``sample_hashes``."""

    content: Callable[[Path], bytes]
    """Makes it, given the folder of the sample pictures that it may list."""
    settings: Mapping[str, object]
    """What the file cannot say of its list, with the keys of ``lists.json``."""


def settings(name: str, partner: str, share_level: str, *, role: str = "block", **more: object) -> dict[str, object]:
    """What ``lists.json`` says of a list."""
    return {"name": name, "partner": partner, "role": role, "share_level": share_level, **more}


def as_json(content: object) -> bytes:
    """One JSON document that people can read."""
    return (json.dumps(content, indent=2) + "\n").encode()


def as_lines(*objects: object) -> bytes:
    """A JSON object a line."""
    return "".join(json.dumps(each) + "\n" for each in objects).encode()
