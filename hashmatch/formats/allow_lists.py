"""Allow lists, in formats that know only lists of what is to be blocked."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import FormatError
from ..records import ListSettings, Role


def refuse_allow_lists(settings: Mapping[str, ListSettings], form: str) -> None:
    """Make sure that no list to be written allows what it holds: whoever read the file would block it.

    Raises:
        FormatError: If one does.
    """
    for stated in settings.values():
        if stated.role is Role.ALLOW:
            raise FormatError(f"{stated.name} is an allow list; written as {form} it would be a list to block")
