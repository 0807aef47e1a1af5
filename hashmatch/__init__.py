"""Match files against shared hash lists of known terrorist and violent-extremist content.

The front door: what users build on, by the names that stay. Everything is imported on first use, so
``import hashmatch`` itself loads no heavy package.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import algorithms as algorithms
    from . import formats as formats
    from . import indexes as indexes
    from .bank import HashBank as HashBank
    from .comparing import diff_lists as diff_lists
    from .errors import BankBusy as BankBusy
    from .errors import BankDamaged as BankDamaged
    from .errors import BankError as BankError
    from .errors import BankNotFound as BankNotFound
    from .errors import ChangeTooLarge as ChangeTooLarge
    from .errors import ExportRefused as ExportRefused
    from .errors import FormatError as FormatError
    from .errors import HashmatchError as HashmatchError
    from .errors import IndexMismatch as IndexMismatch
    from .errors import InvalidValue as InvalidValue
    from .errors import LimitExceeded as LimitExceeded
    from .errors import MediaError as MediaError
    from .errors import MissingExtra as MissingExtra
    from .errors import NotPublished as NotPublished
    from .errors import RollbackRefused as RollbackRefused
    from .errors import UnknownClaim as UnknownClaim
    from .errors import UnknownList as UnknownList
    from .errors import UnknownName as UnknownName
    from .errors import WorkerError as WorkerError
    from .finding import find_files as find_files
    from .frames import Limits as Limits
    from .hashes import FrameHash as FrameHash
    from .hashes import MediaHash as MediaHash
    from .hashing import FileContent as FileContent
    from .hashing import hash_file as hash_file
    from .hashing import hash_image as hash_image
    from .heatmap import draw_overlap as draw_overlap
    from .matching import Matcher as Matcher
    from .named import Crowded as Crowded
    from .named import ImportExamples as ImportExamples
    from .named import NamedClaim as NamedClaim
    from .named import NamedHash as NamedHash
    from .named import NearAllowed as NearAllowed
    from .overlaps import overlap_lists as overlap_lists
    from .records import HashRecord as HashRecord
    from .records import ListSettings as ListSettings
    from .records import MediaType as MediaType
    from .records import Mode as Mode
    from .records import Opinion as Opinion
    from .records import Role as Role
    from .records import RowError as RowError
    from .records import ShareLevel as ShareLevel
    from .results import BatchEntry as BatchEntry
    from .results import ClaimDifference as ClaimDifference
    from .results import ExportReport as ExportReport
    from .results import HashDifference as HashDifference
    from .results import HashedMedia as HashedMedia
    from .results import HashOverlap as HashOverlap
    from .results import HashReport as HashReport
    from .results import ImportReport as ImportReport
    from .results import ListDiff as ListDiff
    from .results import ListSummary as ListSummary
    from .results import Match as Match
    from .results import MatchReport as MatchReport
    from .results import Overlap as Overlap
    from .results import QuarantinedHash as QuarantinedHash
    from .results import Segment as Segment
    from .results import SnapshotSummary as SnapshotSummary
    from .results import SuppressedMatch as SuppressedMatch
    from .results import SuppressedVideo as SuppressedVideo
    from .results import VideoMatch as VideoMatch
    from .uploads import hash_many as hash_many
    from .video_rule import VideoRule as VideoRule

    __version__: str

_ROOMS = ("algorithms", "formats", "indexes")

_HOMES = {
    "bank": ("HashBank",),
    "comparing": ("diff_lists",),
    "errors": (
        "BankBusy",
        "BankDamaged",
        "BankError",
        "BankNotFound",
        "ChangeTooLarge",
        "ExportRefused",
        "FormatError",
        "HashmatchError",
        "IndexMismatch",
        "InvalidValue",
        "LimitExceeded",
        "MediaError",
        "MissingExtra",
        "NotPublished",
        "RollbackRefused",
        "UnknownClaim",
        "UnknownList",
        "UnknownName",
        "WorkerError",
    ),
    "finding": ("find_files",),
    "frames": ("Limits",),
    "hashes": ("FrameHash", "MediaHash"),
    "hashing": ("FileContent", "hash_file", "hash_image"),
    "heatmap": ("draw_overlap",),
    "matching": ("Matcher",),
    "overlaps": ("overlap_lists",),
    "records": ("HashRecord", "ListSettings", "MediaType", "Mode", "Opinion", "Role", "RowError", "ShareLevel"),
    "named": ("Crowded", "ImportExamples", "NamedClaim", "NamedHash", "NearAllowed"),
    "results": (
        "BatchEntry",
        "ClaimDifference",
        "ExportReport",
        "HashDifference",
        "HashReport",
        "HashOverlap",
        "HashedMedia",
        "ImportReport",
        "ListDiff",
        "ListSummary",
        "Match",
        "MatchReport",
        "Overlap",
        "QuarantinedHash",
        "Segment",
        "SnapshotSummary",
        "SuppressedMatch",
        "SuppressedVideo",
        "VideoMatch",
    ),
    "uploads": ("hash_many",),
    "video_rule": ("VideoRule",),
}

_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = sorted([*_ROOMS, *_HOME_OF, "__version__"])


def __getattr__(name: str) -> object:
    """Import what is asked for, once."""
    value: object
    if name in _HOME_OF:
        value = getattr(importlib.import_module(f".{_HOME_OF[name]}", __name__), name)
    elif name in _ROOMS:
        value = importlib.import_module(f".{name}", __name__)
    elif name == "__version__":
        value = _version()
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, also those that are not imported yet."""
    return list(__all__)


def _version() -> str:
    from importlib import metadata

    try:
        return metadata.version(__name__)
    except metadata.PackageNotFoundError:
        # Run from a checkout that was never installed.
        return "0+unknown"
