"""Rollback: a list put back to where it stood, as one more batch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .claims import STANDS
from .errors import UnknownList
from .footers import Kind
from .ledger import Ledger
from .results import BatchEntry


def roll_back(ledger: Ledger, name: str, to: int, *, publish: bool) -> BatchEntry:
    """Put a list back to where it stood after batch ``to``; see ``HashBank.rollback``.

    Args:
        ledger: The bank's log.
        name: The list.
        to: The batch, inclusive.
        publish: Publish a snapshot too.
    """
    with ledger.writing(publish=publish):
        ledger.log.check_target(to)
        settings = dict(ledger.log.settings())
        then = ledger.log.settings(to).get(name)
        if then is None and name not in settings:
            raise UnknownList(f"there is no list {name!r}, neither now nor after batch {to}")
        settings.pop(name, None)
        if then is not None:
            settings[name] = then
        claims = int(np.sum(ledger.log.standing(name, to).state == STANDS))
        footer = ledger.footer(Kind.ROLLBACK, (name,), settings, counts={"claims": claims})
        return ledger.log.append(replace(footer, target=to)).entry()
