"""The manifest of a snapshot: what is in it, of which lists, and what every file must be."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated

import msgspec

from .errors import BankDamaged
from .indexes.base import CODES_FILE
from .indexes.header import HEADER_FILE
from .known_videos import VIDEO_FILES
from .records import ListSettings

MANIFEST_FILE = "manifest.json"
RECORDS_FILE = "records.arrow"
OFFSETS_FILE = "offsets.npy"

LAYOUT = 2
"""Version of the snapshot's layout: a reader refuses one that it does not know."""

LAYOUT_WITHOUT_VIDEOS = 1
"""That of a snapshot that knows no video, as all did once: readers from before can open it."""

_MAX_BYTES = 256 * 1024 * 1024
_ALGORITHM = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_PART = re.compile(r"[a-z0-9_]{1,64}\.(npy|json)")

Count = Annotated[int, msgspec.Meta(ge=0, lt=1 << 48)]
Checksum = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


@dataclass(frozen=True)
class AlgorithmEntry:
    """What a snapshot holds of one algorithm."""

    bits: Annotated[int, msgspec.Meta(ge=8, le=65_535, multiple_of=8)]
    """Length of a digest in bits."""
    codes: Count
    """Different digests."""
    records: Count
    index: str
    """Kind of the index over the codes."""
    max_radius: Count
    """Largest radius that the index answers, inclusive, in bits."""


@dataclass(frozen=True)
class ListEntry:
    """What a snapshot holds of one list."""

    settings: dict[str, object]
    """As ``ListSettings.to_json`` gives them."""
    claims: Count
    """Claims with a live record."""
    hashes: Count
    """Live records."""


@dataclass(frozen=True)
class FileEntry:
    """What one file must be."""

    size: Count
    """In bytes."""
    sha256: Checksum

    @classmethod
    def of(cls, path: Path) -> FileEntry:
        """The entry of a file as it is."""
        digest = hashlib.sha256()
        size = 0
        with path.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
                size += len(chunk)
        return cls(size, digest.hexdigest())


@dataclass(frozen=True)
class Manifest:
    """Everything that a snapshot says of itself; it holds no clock, so equal content gives an equal one."""

    batch: Count
    """Head of the log that it was folded from."""
    records: Count
    algorithms: dict[str, AlgorithmEntry]
    lists: dict[str, ListEntry]
    files: dict[str, FileEntry]
    """By path inside the snapshot, with ``/``; all but the manifest itself."""
    built_by: dict[str, str]
    """Package -> version, of what wrote it."""
    videos: dict[str, Annotated[int, msgspec.Meta(ge=1, lt=1 << 31)]] = field(default_factory=dict)
    """Known videos of each algorithm that has any."""
    layout: int = LAYOUT_WITHOUT_VIDEOS

    @property
    def settings(self) -> dict[str, ListSettings]:
        """The settings of every list, by name."""
        return {name: ListSettings.from_json(entry.settings) for name, entry in self.lists.items()}

    def to_bytes(self) -> bytes:
        """The content of ``manifest.json``, canonical; of one that knows no video, what it was before any could."""
        stated = asdict(self)
        if not self.videos:
            del stated["videos"]
        return json.dumps(stated, indent=1, sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Manifest:
        """Read and check ``manifest.json``.

        Raises:
            BankDamaged: If it is not a manifest, or contradicts itself, or is of a layout that this version
                does not know.
        """
        try:
            stated = json.loads(content)
            if isinstance(stated, dict) and isinstance(stated.get("layout"), int) and stated["layout"] > LAYOUT:
                raise BankDamaged(f"the snapshot has layout {stated['layout']}; this version reads {LAYOUT}")
            manifest = msgspec.convert(stated, cls)
            settings = manifest.settings
        except (ValueError, RecursionError, msgspec.MsgspecError) as error:
            raise BankDamaged(f"the snapshot's manifest makes no sense: {_shown(error)}") from None
        if any(name != own.name for name, own in settings.items()):
            raise BankDamaged("the snapshot's manifest gives a list the settings of another")
        if manifest.layout != (LAYOUT if manifest.videos else LAYOUT_WITHOUT_VIDEOS):
            raise BankDamaged(f"the snapshot's manifest is of layout {manifest.layout} and should not be")
        manifest._check_files()
        return manifest

    def _check_files(self) -> None:
        """Refuse names that lead out of the folder, files that are not named, and counts that do not add up."""
        needed = {RECORDS_FILE}
        for algorithm, entry in self.algorithms.items():
            if not _ALGORITHM.fullmatch(algorithm) or entry.codes > entry.records:
                raise BankDamaged(f"the snapshot's manifest makes no sense about {_shown(algorithm)}")
            needed |= {f"{algorithm}/{name}" for name in (CODES_FILE, OFFSETS_FILE, HEADER_FILE)}
        for algorithm, count in self.videos.items():
            if algorithm not in self.algorithms or count > self.algorithms[algorithm].records:
                raise BankDamaged(f"the snapshot's manifest makes no sense about the videos of {_shown(algorithm)}")
            needed |= {f"{algorithm}/{name}" for name in VIDEO_FILES}
        for name in set(self.files) - needed:
            folder, _, part = name.partition("/")
            if folder not in self.algorithms or not _PART.fullmatch(part):
                raise BankDamaged(f"the snapshot's manifest names a file that cannot be: {_shown(name)}")
        if missing := needed - set(self.files):
            raise BankDamaged(f"the snapshot's manifest does not name {', '.join(sorted(missing))}")
        for parts in (
            [entry.records for entry in self.algorithms.values()],
            [own.hashes for own in self.lists.values()],
        ):
            if sum(parts) != self.records:
                raise BankDamaged("the snapshot's manifest counts its records in two ways")


def folder_name(batch: int, manifest: bytes) -> str:
    """What a snapshot's folder is called: ``<batch>-<first 16 digits of the manifest's SHA-256>``."""
    return f"{batch:08d}-{hashlib.sha256(manifest).hexdigest()[:16]}"


def read_manifest(folder: Path) -> bytes:
    """The content of a snapshot's manifest.

    Raises:
        BankDamaged: If it is missing, or larger than any that we write.
    """
    try:
        with (folder / MANIFEST_FILE).open("rb") as stream:
            content = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise BankDamaged(f"{folder} is not a snapshot: its manifest cannot be read ({error.strerror})") from error
    if len(content) > _MAX_BYTES:
        raise BankDamaged(f"the manifest of {folder} is larger than {_MAX_BYTES} bytes")
    return content


def _shown(value: object) -> str:
    """The value, short enough for an error message."""
    text = str(value)
    return text if len(text) <= 200 else f"{text[:197]}..."
