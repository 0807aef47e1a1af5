"""Formats that know only lists of what is to be blocked: what must not be written in them."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from ..errors import FormatError
from ..records import ListSettings, Opinion, Role


def refuse_allow_lists(settings: Mapping[str, ListSettings], form: str) -> None:
    """Make sure that no list to be written allows what it holds: whoever read the file would block it.

    Raises:
        FormatError: If one does.
    """
    for stated in settings.values():
        if stated.role is Role.ALLOW:
            raise FormatError(f"{stated.name} is an allow list; written as {form} it would be a list to block")


def harmful(table: pa.Table) -> pa.Table:
    """The records without those that are negative: whoever read the file would block what they say is harmless."""
    return table.filter(pc.not_equal(table.column("opinion"), Opinion.NEGATIVE.value))
