"""Hashers: ways to hash a picture, ours and others', and what is the least of it. To add one: a file here and a line."""

from __future__ import annotations

from hashmatch.registry import Registry

from .base import Hasher

__all__ = ["HASHERS", "Hasher"]

HASHERS: Registry[Hasher] = Registry(
    "hasher",
    {
        "draft": "benchmarks.hashers.pillow:DRAFT",
        "full": "benchmarks.hashers.pillow:FULL",
        "fast": "benchmarks.hashers.ours:FAST",
        "exact": "benchmarks.hashers.ours:EXACT",
        "threatexchange": "benchmarks.hashers.threatexchange:FILE",
        "imagehash": "benchmarks.hashers.imagehash:PHASH",
        "perception": "benchmarks.hashers.perception:PDQ",
        "pixels": "benchmarks.hashers.ours:PIXELS",
        "pdqhash": "benchmarks.hashers.pdqhash:PIXELS",
    },
    extras=dict.fromkeys(("threatexchange", "perception", "pdqhash"), "bench"),
)
