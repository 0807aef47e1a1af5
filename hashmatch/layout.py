"""Layout: what makes a folder a bank."""

from __future__ import annotations

import json
from pathlib import Path

from .durable import TURNSTILE, locked, sync_folder, write_file
from .errors import BankDamaged, BankError, BankNotFound

LAYOUT = 1
"""Version of the folder's layout."""

_OURS = {"lock", TURNSTILE, "batches", "snapshots", ".bank.json.new"}


def is_bank(folder: Path) -> bool:
    """Whether a bank was made there, to its end."""
    return (folder / "bank.json").is_file()


def make(folder: Path, lock_seconds: float) -> None:
    """Make an empty bank; what another process, or an interrupted one, has begun is finished.

    Raises:
        BankNotFound: If the folder holds other things.
        BankError: If it cannot be made.
    """
    try:
        _make_folder(folder)
        others = {path.name for path in folder.iterdir()} - _OURS
        # Another process may have made it, and published, since it was looked for.
        if others and not is_bank(folder):
            raise BankNotFound(f"{folder} is not a bank, and holds {min(others)!r}: name an empty folder or a new one")
        with locked(folder / "lock", seconds=lock_seconds):
            if not is_bank(folder):
                for name in ("batches", "snapshots"):
                    (folder / name).mkdir(exist_ok=True)
                # A bank that is one must have its folders, whatever a power cut takes.
                sync_folder(folder)
                write_file(folder / "bank.json", json.dumps({"layout": LAYOUT}).encode())
    except BankError:
        raise
    except OSError as error:
        raise BankError(f"{folder} cannot be made a bank: {error.strerror}") from error


def _make_folder(folder: Path) -> None:
    """Make the folder and those above it that are missing, durably."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    # Lists are sensitive: nobody but the owner looks in unless the owner says so.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in missing:
        sync_folder(path.parent)


def check(folder: Path) -> None:
    """Raise BankDamaged unless this version of hashmatch knows the layout."""
    try:
        layout = json.loads((folder / "bank.json").read_text("utf-8"))["layout"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BankDamaged(f"{folder / 'bank.json'} cannot be read") from error
    if layout != LAYOUT:
        raise BankDamaged(f"{folder} has layout {layout!r}; this version of hashmatch knows {LAYOUT}")
    if missing := [name for name in ("batches", "snapshots") if not (folder / name).is_dir()]:
        raise BankDamaged(f"{folder} lacks the folder {missing[0]!r}")
