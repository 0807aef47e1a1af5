"""python-threatexchange: PDQ and its quality, by Pillow and pdqhash."""

from __future__ import annotations

from threatexchange.signal_type.pdq.pdq_hasher import pdq_from_file

from .base import Hasher

FILE = Hasher("python-threatexchange", pdq_from_file)
