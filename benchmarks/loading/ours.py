"""Ours: a list file into a bank, and the bank into a snapshot."""

from __future__ import annotations

from pathlib import Path

from hashmatch import HashBank

from .steps import Facts

LIST = "partner"
"""What the list is called in the bank."""


def batch(form: str, source: Path, folder: Path) -> Facts:
    """Take a file into the bank in a folder, which is made if there is none, and publish nothing."""
    return _taken(source, folder, publish=False)


def again(form: str, source: Path, folder: Path) -> Facts:
    """Take a file, and publish what stands unless that is what was published last."""
    return _taken(source, folder, publish=True)


def snapshot(form: str, source: Path, folder: Path) -> Facts:
    """Publish what stands."""
    with HashBank.open(folder, create=False) as bank:
        bank.publish()
    return {}


def _taken(source: Path, folder: Path, *, publish: bool) -> Facts:
    with HashBank.open(folder) as bank:
        report = bank.import_list(source, name=LIST, partner="A partner", mode="update", publish=publish)
    return {
        "batch": report.batch,
        "rows": report.rows,
        "added": report.added,
        "changed": report.changed,
        "withdrawn": report.withdrawn,
        "unchanged": report.unchanged,
        "rejected": report.rejected,
        "quarantined": report.quarantined,
        "unbalanced": report.unbalanced,
    }
