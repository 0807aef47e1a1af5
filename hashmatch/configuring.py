"""Configuring: a list's settings as users state them, and the batch that changes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .checking import check_settings
from .errors import ChangeTooLarge, InvalidValue
from .footers import Kind
from .guard import settings_objections
from .ledger import Ledger
from .records import ListSettings, settings_from_json
from .results import BatchEntry


def stated(**settings: object) -> dict[str, Any]:
    """The settings that a user states, checked and typed; None is not stated.

    Raises:
        InvalidValue: If one is unknown or makes no sense.
    """
    known = set(ListSettings.__dataclass_fields__) - {"name", "releases"}
    if unknown := sorted(set(settings) - known):
        raise InvalidValue(f"{unknown[0]!r} is not a setting of a list; choose from {', '.join(sorted(known))}")
    plain = {name: str(value) if isinstance(value, str) else value for name, value in settings.items()}
    return check_settings(settings_from_json(plain))


def configure(
    ledger: Ledger, name: str, settings: dict[str, Any], *, accept_change: bool, publish: bool
) -> BatchEntry | None:
    """Change settings of a list; see ``HashBank.configure``.

    Args:
        ledger: The bank's log.
        name: The list.
        settings: As ``stated`` gives them.
        accept_change: Go on although the guard objects.
        publish: Publish a snapshot too.
    """
    with ledger.writing(publish=publish):
        before = ledger.settings(name)
        return _written(ledger, before, replace(before, **settings), accept_change)


def release(ledger: Ledger, name: str, algorithm: str, hex: str, *, undo: bool, publish: bool) -> BatchEntry | None:
    """Let a quarantined hash of a list match all the same, or undo that; see ``HashBank.release``.

    Args:
        ledger: The bank's log.
        name: The list.
        algorithm: Of the hash.
        hex: The hash.
        undo: Take the release back.
        publish: Publish a snapshot too.
    """
    one: frozenset[tuple[str, str]] = check_settings({"releases": {(algorithm, hex)}})["releases"]
    with ledger.writing(publish=publish):
        before = ledger.settings(name)
        after = replace(before, releases=before.releases - one if undo else before.releases | one)
        return _written(ledger, before, after, accept_change=True)


def _written(ledger: Ledger, before: ListSettings, after: ListSettings, accept_change: bool) -> BatchEntry | None:
    if after == before:
        return None
    objections = settings_objections(before, after)
    if objections and not accept_change:
        raise ChangeTooLarge(objections)
    settings = {**ledger.log.settings(), after.name: after}
    return ledger.log.append(ledger.footer(Kind.SETTINGS, (after.name,), settings)).entry()
