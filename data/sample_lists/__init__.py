"""The sample lists: at least one in each format that hashmatch reads, by the name of its file."""

from __future__ import annotations

from . import columns, exchanges, hotlines, intelligence, partners, tcap
from .base import SampleList

LISTS: dict[str, SampleList] = {
    **tcap.LISTS,
    **partners.LISTS,
    **columns.LISTS,
    **exchanges.LISTS,
    **hotlines.LISTS,
    **intelligence.LISTS,
}
