"""Running something in a child of a fork."""

from __future__ import annotations

import os
import signal
import warnings
from collections.abc import Callable


def true_in_child(question: Callable[[], bool], seconds: int = 60) -> bool:
    """Whether a forked child answers True before the time is up; a child that hangs or raises does not."""
    with warnings.catch_warnings():
        # Newer Pythons warn of forks beside threads; that such a fork works is what is asked here.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        answer = False
        try:
            signal.alarm(seconds)
            answer = question()
        finally:
            os._exit(0 if answer else 1)
    return os.waitpid(child, 0)[1] == 0
