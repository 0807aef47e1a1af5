"""Lists in the shapes of STIX bundles, of MISP events, and of NSRL's Reference Data Set."""

from __future__ import annotations

from pathlib import Path

from .base import SampleList, as_json, settings
from .digests import made_up

_GREEN = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"
"""The Traffic Light Protocol's green, as the standard names it."""

_DATES = {"created": "2025-01-01T09:00:00.000Z", "modified": "2025-01-02T09:00:00.000Z"}


def _uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012x}"


def _stix(_: Path) -> bytes:
    """A file object, an indicator with two hashes, one that was revoked, and the identity of who says it."""
    brochure = {name: made_up(name, "brochure") for name in ("sha256", "pdq")}
    pattern = f"[file:hashes.'SHA-256' = '{brochure['sha256']}' OR file:hashes.PDQ = '{brochure['pdq']}']"
    indicator = {
        "type": "indicator",
        "spec_version": "2.1",
        **_DATES,
        "pattern_type": "stix",
        "valid_from": "2025-01-01T09:00:00Z",
    }
    objects: list[dict[str, object]] = [
        {
            "type": "identity",
            "spec_version": "2.1",
            "id": f"identity--{_uuid(10)}",
            **_DATES,
            "name": "Example Partner Ridge",
            "identity_class": "organization",
        },
        {
            "type": "file",
            "spec_version": "2.1",
            "id": f"file--{_uuid(11)}",
            "hashes": {"MD5": made_up("md5", "placard"), "SHA-1": made_up("sha1", "placard")},
            "name": "placard.jpg",
            "mime_type": "image/jpeg",
            "object_marking_refs": [_GREEN],
        },
        {
            **indicator,
            "id": f"indicator--{_uuid(12)}",
            "pattern": pattern,
            "indicator_types": ["malicious-activity"],
            "labels": ["ideology:far-right"],
            "valid_until": "2031-01-01T00:00:00Z",
            "object_marking_refs": [_GREEN],
        },
        {
            **indicator,
            "id": f"indicator--{_uuid(13)}",
            "pattern": f"[file:hashes.MD5 = '{made_up('md5', 'revoked')}']",
            "revoked": True,
        },
    ]
    return as_json({"type": "bundle", "id": f"bundle--{_uuid(1)}", "objects": objects})


def _attribute(number: int, kind: str, value: str, **more: object) -> dict[str, object]:
    return {
        "uuid": _uuid(number),
        "type": kind,
        "category": "Payload delivery",
        "value": value,
        "to_ids": True,
        "deleted": False,
        "timestamp": "1735812000",
        **more,
    }


def _misp(_: Path) -> bytes:
    """An event: a file object with PDQ beside its SHA-256, a hash alone that was deleted, and an address."""
    file = {
        "uuid": _uuid(21),
        "name": "file",
        "meta-category": "file",
        "timestamp": "1735812000",
        "Attribute": [
            _attribute(22, "sha256", made_up("sha256", "sticker"), object_relation="sha256"),
            _attribute(23, "other", made_up("pdq", "sticker"), object_relation="pdq"),
            _attribute(24, "mime-type", "image/png", object_relation="mimetype", to_ids=False),
        ],
    }
    event = {
        "uuid": _uuid(20),
        "info": "Stickers of an invented group",
        "date": "2025-01-02",
        "Orgc": {"name": "Example Partner Delta", "uuid": _uuid(29)},
        "Tag": [{"name": "tlp:green"}, {"name": "ideology:far-right"}],
        "Attribute": [
            _attribute(25, "md5", made_up("md5", "sticker, first try"), deleted=True),
            _attribute(26, "url", "https://example.org/stickers", category="Network activity"),
        ],
        "Object": [file],
    }
    return as_json({"Event": event})


def _nsrl(_: Path) -> bytes:
    """Two files of installers that everybody has."""
    header = '"SHA-1","MD5","CRC32","FileName","FileSize","ProductCode","OpSystemCode","SpecialCode"\r\n'
    rows = [
        f'"{made_up("sha1", name).upper()}","{made_up("md5", name).upper()}","{number:08X}","{name}",{number},18,"362",""\r\n'
        for number, name in ((1024, "setup.exe"), (2048, "icon, large.ico"))
    ]
    return "".join([header, *rows]).encode("latin-1")


LISTS = {
    "stix.json": SampleList(_stix, settings("stix-sample", "Example Partner Ridge", "green")),
    "misp.json": SampleList(_misp, settings("misp-sample", "Example Partner Delta", "green")),
    "NSRLFile.txt": SampleList(_nsrl, settings("nsrl-sample", "Sample data (NSRL shape)", "clear", role="allow")),
}
