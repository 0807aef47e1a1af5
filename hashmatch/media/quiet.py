"""Quiet: decoding that warns nobody, in any number of threads.

Pillow warns about large pictures, odd metadata and transparency. Limits are checked here and
metadata is not used, so that none of it concerns the caller, and under ``-W error`` it would break
pictures that decode well.
"""

from __future__ import annotations

import threading
import warnings
from types import TracebackType


class Quiet:
    """A context in which warnings that modules of a package raise are ignored.

    ``warnings.catch_warnings`` alone is not safe in threads: one thread can restore the filters
    that another has set for good. Here the first thread in changes them and the last one out
    puts them back.
    """

    def __init__(self, package: str) -> None:
        """Make a context; it can be entered again and again, also by several threads at once.

        Args:
            package: Name of the package, for instance ``"PIL"``.
        """
        self._modules = rf"{package}(\.|$)"
        self._lock = threading.Lock()
        self._inside = 0
        self._caught = warnings.catch_warnings()

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._caught = warnings.catch_warnings()
                self._caught.__enter__()
                warnings.filterwarnings("ignore", module=self._modules)
            self._inside += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._caught.__exit__(kind, error, trace)
