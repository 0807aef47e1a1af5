"""Samples of STIX, MISP, checksum files and NSRL, by the format's name."""

from __future__ import annotations

import hashlib
import json
import random


def made_up(algorithm: str, seed: int) -> str:
    """A digest of nothing that exists, in hexadecimal; of PDQ with as many ones as zeros."""
    if algorithm == "pdq":
        bits = [0, 1] * 128
        random.Random(seed).shuffle(bits)
        return f"{int(''.join(map(str, bits)), 2):064x}"
    return hashlib.new(algorithm, f"made up {seed}".encode()).hexdigest()


def uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012x}"


def stix_id(kind: str, number: int) -> str:
    return f"{kind}--{uuid(number)}"


GREEN = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"


def stix_indicator(number: int = 1, **changes: object) -> dict[str, object]:
    record: dict[str, object] = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": stix_id("indicator", number),
        "created": "2025-01-02T03:04:05.000Z",
        "modified": "2025-02-03T04:05:06.789Z",
        "pattern": f"[file:hashes.'SHA-256' = '{made_up('sha256', number)}']",
        "pattern_type": "stix",
        "valid_from": "2025-01-02T03:04:05Z",
    }
    return {**record, **changes}


def stix_file(number: int = 1, **changes: object) -> dict[str, object]:
    record: dict[str, object] = {
        "type": "file",
        "spec_version": "2.1",
        "id": stix_id("file", number),
        "hashes": {"MD5": made_up("md5", number).upper(), "SHA-1": made_up("sha1", number)},
        "name": "poster.jpg",
    }
    return {**record, **changes}


def stix_bundle(*objects: object) -> bytes:
    bundle = {"type": "bundle", "id": stix_id("bundle", 0), "objects": objects}
    return json.dumps(bundle, indent=1, ensure_ascii=False).encode()


def misp_attribute(number: int = 1, **changes: object) -> dict[str, object]:
    record: dict[str, object] = {
        "id": str(number),
        "uuid": uuid(number),
        "type": "sha256",
        "category": "Payload delivery",
        "value": made_up("sha256", number),
        "to_ids": True,
        "deleted": False,
        "comment": "",
        "timestamp": "1704901040",
    }
    return {**record, **changes}


def misp_object(number: int, *attributes: object, **changes: object) -> dict[str, object]:
    record: dict[str, object] = {
        "id": str(number),
        "uuid": uuid(number),
        "name": "file",
        "meta-category": "file",
        "timestamp": "1704901000",
        "deleted": False,
        "Attribute": attributes,
    }
    return {**record, **changes}


def misp_event(number: int = 100, **changes: object) -> dict[str, object]:
    event: dict[str, object] = {
        "uuid": uuid(number),
        "info": "Propaganda of a made-up group",
        "date": "2024-01-10",
        "Orgc": {"name": "Example Partner", "uuid": uuid(999)},
        "Tag": [{"name": "tlp:green"}, {"name": "ideology:far-right"}],
        "Attribute": [],
        "Object": [],
    }
    return {"Event": {**event, **changes}}


_PDQ = misp_attribute(12, type="other", object_relation="pdq", value=made_up("pdq", 12))
_MD5 = misp_attribute(13, type="md5", object_relation="md5", value=made_up("md5", 13))

NSRL_HEADER = '"SHA-1","MD5","CRC32","FileName","FileSize","ProductCode","OpSystemCode","SpecialCode"\n'


def nsrl_row(number: int, special: str = "", name: str = "setup.exe") -> str:
    sha1, md5 = made_up("sha1", number).upper(), made_up("md5", number).upper()
    return f'"{sha1}","{md5}","{number:08X}","{name}",{1000 + number},{number},"362","{special}"\n'


SAMPLES: dict[str, bytes] = {
    "stix": stix_bundle(
        {"type": "identity", "spec_version": "2.1", "id": stix_id("identity", 7), "name": "Example Partner"},
        stix_file(1, object_marking_refs=[GREEN]),
        stix_indicator(2),
    ),
    "misp": b"".join(
        json.dumps(event).encode() + b"\n"
        for event in (
            misp_event(100, Attribute=[misp_attribute(1), {"type": "url", "value": "https://example.org/"}]),
            misp_event(101, Object=[misp_object(10, _PDQ, _MD5)]),
            misp_event(102, Attribute=[misp_attribute(2)]),
        )
    ),
    "checksums": (
        f"# removed in March\n{made_up('md5', 1)}  poster.jpg\n\\{made_up('sha1', 2)} *two\\nlines.mp4\n"
        f"SHA256 (clip (1).mp4) = {made_up('sha256', 3)}\n{made_up('md5', 4)}  leaflet, final.pdf\n"
    ).encode(),
    "nsrl": (NSRL_HEADER + nsrl_row(1) + nsrl_row(2, name="setup, new.exe")).encode(),
}
