"""Delta: the day's changes to a list."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from .rows import Numbers, draw
from .shapes import Shape


@dataclass(frozen=True)
class Delta:
    """Changes to the rows 0 to n - 1, by their numbers. Changed and withdrawn ones stand all over the list."""

    added: Numbers
    """From n on."""
    changed: Numbers
    """They get another hash, other labels and another ``extra`` if they have one: their second edition."""
    withdrawn: Numbers

    @classmethod
    def of(cls, seed: int, n: int, changes: int) -> Delta:
        """So many changes to a list of n rows: half are added, three tenths changed, and the rest is withdrawn.

        Args:
            seed: At least 0.
            n: Rows that stand, at least as many as ``changes``.
            changes: At least 1.
        """
        withdrawn, changed = changes // 5, 3 * changes // 10
        chosen = np.random.default_rng([seed, n, changes]).choice(n, withdrawn + changed, replace=False)
        return cls(
            added=np.arange(n, n + changes - withdrawn - changed),
            changed=np.sort(chosen[withdrawn:]),
            withdrawn=np.sort(chosen[:withdrawn]),
        )

    def __len__(self) -> int:
        """How many rows it has."""
        return len(self.added) + len(self.changed) + len(self.withdrawn)

    def rows(self, shape: Shape, seed: int) -> pa.Table:
        """The rows, as ``rows.draw`` gives them, with a column ``withdrawn``."""
        parts = ((self.added, 0, False), (self.changed, 1, False), (self.withdrawn, 1, True))
        return pa.concat_tables(
            draw(shape, seed, numbers, edition).append_column(
                "withdrawn", pa.array([withdrawn] * len(numbers), pa.bool_())
            )
            for numbers, edition, withdrawn in parts
        )
