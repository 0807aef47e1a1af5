"""The exit codes that programs may build on."""

from __future__ import annotations

DONE = 0
FAILED = 1
"""Nothing was changed."""
USAGE = 2
"""The command line makes no sense."""
PARTLY = 3
"""Done, but some files or rows failed."""
MATCHED = 10
"""Something matched, under ``--fail-on-match``; wins over ``PARTLY``."""
DIFFERENT = 11
"""Two lists differ, under ``--fail-on-difference``; wins over ``PARTLY``."""
INTERRUPTED = 130
"""By Ctrl-C."""
PIPE_CLOSED = 141
"""The reader of our output went away."""
