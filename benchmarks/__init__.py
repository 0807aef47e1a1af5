"""Benchmarks, run as ``python -m benchmarks NAME``: one file per question. To add one: a file here and a line in the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hashmatch.registry import Registry

if TYPE_CHECKING:
    import click

BENCHMARKS: Registry[click.Command] = Registry(
    "benchmark",
    {
        "search": "benchmarks.search:search_command",
        "load": "benchmarks.load:load_command",
        "hashing": "benchmarks.hashing:hashing_command",
        "accuracy": "benchmarks.accuracy:accuracy_command",
        "video": "benchmarks.video:video_command",
    },
)
