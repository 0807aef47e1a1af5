"""Versions: what built a file, written into it."""

from __future__ import annotations

from functools import cache
from importlib import metadata


def versions(names: tuple[str, ...]) -> dict[str, str]:
    """The installed version of each package; hashmatch's own is unknown in a checkout that was never installed."""
    return {name: _version(name) for name in names}


@cache
def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "0+unknown"
