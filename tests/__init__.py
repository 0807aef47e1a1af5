"""Tests, in folders as the package has them."""

import sys
from importlib.util import find_spec

if find_spec("dateutil") is None:
    # pyarrow looks for it through all of the path with every value of Python's that it takes. None answers at once.
    sys.modules["dateutil"] = None  # type: ignore[assignment]
