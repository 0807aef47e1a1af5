"""Probers: libraries that find a picture again after it was edited. To add one: a file here and a line in the table."""

from __future__ import annotations

from hashmatch.registry import Registry

from .base import Prober

__all__ = ["PROBERS", "Prober"]

PROBERS: Registry[Prober] = Registry(
    "prober",
    {
        "ours": "benchmarks.probers.ours:OURS",
        "pdqhash": "benchmarks.probers.pdqhash:PROBER",
        "imagehash": "benchmarks.probers.imagehash:PROBER",
        "perception": "benchmarks.probers.perception:PROBER",
    },
    extras=dict.fromkeys(("pdqhash", "perception"), "bench"),
)
