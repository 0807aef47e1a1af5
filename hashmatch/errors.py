"""Every exception that hashmatch raises on purpose.

::

    HashmatchError
    ├── InvalidValue (ValueError)        an argument makes no sense
    │   └── UnknownName                  a registry holds no such name
    ├── MissingExtra (ImportError)       a plug-in needs a package that is not installed
    ├── MediaError                       one file could not be hashed
    │   └── LimitExceeded                ... because it is larger than the limits allow
    ├── WorkerError                      processes that hash files cannot be started
    ├── FormatError (ValueError)         a list file is not in its format
    ├── IndexMismatch (ValueError)       queries, radius or files do not fit the index
    └── BankError                        the bank cannot do what was asked
        ├── BankNotFound (FileNotFoundError)
        ├── BankBusy (TimeoutError)      another process holds the lock
        ├── BankDamaged                  files are missing, torn or altered
        ├── NotPublished                 there is no snapshot to match against
        ├── UnknownList                  the bank holds no list of that name
        ├── UnknownClaim                 the list holds no claim of that id
        ├── ChangeTooLarge               the guard stopped an import
        ├── RollbackRefused              the batch to go back to is no longer there
        └── ExportRefused                the share level forbids it

A failure of one row or one file in a run is a value (``RowError``, ``MatchReport.error``);
these exceptions say that the whole call failed and changed nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .results import ImportReport


class HashmatchError(Exception):
    """Base of all errors that hashmatch raises on purpose; its text is one sentence for people."""


class InvalidValue(HashmatchError, ValueError):
    """An argument or a setting makes no sense."""


class UnknownName(InvalidValue):
    """A registry holds no such name.

    Attributes:
        name: What was asked for.
        choices: The names that exist.
    """

    def __init__(self, kind: str, name: str, choices: Iterable[str]) -> None:
        self.name = name
        self.choices = tuple(choices)
        super().__init__(f"there is no {kind} {name!r}; choose from {', '.join(self.choices)}")


class MissingExtra(HashmatchError, ImportError):
    """A plug-in needs a package that is not installed; the text says what to install."""


class MediaError(HashmatchError):
    """One file could not be hashed: not a picture, damaged, unreadable."""


class LimitExceeded(MediaError):
    """A file is larger than the limits allow; the text names the limit and both sizes."""


class WorkerError(HashmatchError):
    """Processes that hash files cannot be started; the text is what the first one complained of."""


class FormatError(HashmatchError, ValueError):
    """A list file is not in its format, or in none that is known. Nothing was changed."""


class IndexMismatch(HashmatchError, ValueError):
    """Queries, radius or files do not fit the index."""


class BankError(HashmatchError):
    """The bank cannot do what was asked. It stands as it stood."""


class BankNotFound(BankError, FileNotFoundError):
    """The folder is missing or is not a bank."""


class BankBusy(BankError, TimeoutError):
    """Another process held the bank's lock for longer than we wait."""


class BankDamaged(BankError):
    """Files of the bank or of a snapshot are missing, torn or altered."""


class NotPublished(BankError):
    """The bank has no snapshot that could answer: nothing was published, or nothing stands in it."""


class UnknownList(BankError):
    """The bank, or the snapshot, holds no list of that name."""


class UnknownClaim(BankError):
    """The list holds no claim under that id."""


class ChangeTooLarge(BankError):
    """The guard stopped an import that would change too much; accept it to go on.

    Attributes:
        report: What the import would have done, or None where only settings would change.
        reasons: Each thing that the guard objects to, one sentence each.
    """

    def __init__(self, reasons: Iterable[str], report: ImportReport | None = None) -> None:
        self.reasons = tuple(reasons)
        self.report = report
        super().__init__(f"{'; '.join(self.reasons)}. Nothing was changed; accept the change to go on")


class RollbackRefused(BankError):
    """The batch to go back to does not exist or has been folded into a base."""


class ExportRefused(BankError):
    """The share level of a list or of rows forbids that they leave."""
