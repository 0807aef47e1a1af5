"""Samples of NCMEC, StopNCII and Project VIC, by the format's name."""

from __future__ import annotations

import json
import random

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
NAMESPACE = "https://hashsharing.ncmec.org/hashsharing/v2"
CONTEXT = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media"


def digest(name: str, size: int) -> str:
    """Made-up bytes of which half of the bits are set, in lower-case hexadecimal."""
    bits = [0, 1] * (4 * size)
    random.Random(name).shuffle(bits)
    return f"{int(''.join(map(str, bits)), 2):0{2 * size}x}"


MD5, MD5_2, SHA1, PDQ, PDQ_2 = (digest(*key) for key in (("a", 16), ("b", 16), ("c", 20), ("d", 32), ("e", 32)))


def entry(tag: str = "image", *, member: str = "42", own: str = "image1", more: str = "") -> str:
    """An entry of NCMEC's, with what else it holds."""
    return (
        f'   <{tag}>\n    <member id="{member}">Example Member</member>\n'
        f"    <timestamp>2017-10-24T15:00:00Z</timestamp>\n    <id>{own}</id>\n{more}   </{tag}>\n"
    )


def fingerprints(**hashes: str) -> str:
    return f"    <fingerprints>{''.join(f'<{name}>{text}</{name}>' for name, text in hashes.items())}</fingerprints>\n"


def answer(images: str = "", videos: str = "", more: str = "") -> bytes:
    """NCMEC's answer to a query for entries."""
    return (
        f'{XML}<queryResult xmlns="{NAMESPACE}">\n'
        f'  <images count="2" maxTimestamp="2017-10-24T15:10:00Z">\n{images}  </images>\n'
        f'  <videos count="1" maxTimestamp="2017-10-24T15:20:00Z">\n{videos}  </videos>\n{more}</queryResult>\n'
    ).encode()


def hash_record(**changes: object) -> dict[str, object]:
    """A record of StopNCII's."""
    record: dict[str, object] = {
        "lastModtimestamp": 1625167804,
        "hashValue": PDQ,
        "hashStatus": "Active",
        "caseNumbers": {"27664732-76e1-4a17-8099-455798e67022": "Active"},
        "signalType": "ImagePDQ",
        "hashRegions": ["UK"],
    }
    return {**record, **changes}


def hash_page(*records: object, more: bool = False, stamp: object = 1625175071) -> dict[str, object]:
    return {
        "count": len(records),
        "nextSetTimestamp": stamp,
        "nextPageToken": "W3sidG9rZW4iOiJ4In1d",
        "hasMoreRecords": more,
        "hashRecords": records,
    }


def media(**changes: object) -> dict[str, object]:
    """A file in VICS."""
    record: dict[str, object] = {
        "MediaID": 7,
        "Category": 1,
        "MD5": MD5.upper(),
        "SHA1": SHA1.upper(),
        "MediaSize": 2835,
        "DateUpdated": "2023-06-07T02:31:49.8300Z",
        "IsPrecategorized": "true",
        "AlternativeHashes": [{"HashName": "PDQ", "HashValue": PDQ}],
    }
    return {**record, **changes}


def hash_set(*files: object, key: str = "@odata.context", context: str = CONTEXT) -> dict[str, object]:
    return {key: context, "value": files}


def as_text(document: object) -> bytes:
    return json.dumps(document, indent=1).encode() + b"\n"


SAMPLES: dict[str, bytes] = {
    "ncmec": answer(
        entry(more="    <classification>A1</classification>\n" + fingerprints(md5=MD5, sha1=SHA1, pdq=PDQ))
        + entry("deletedImage", member="43", own="image4"),
        entry("video", own="video1", more=fingerprints(md5=MD5_2)),
        "  <paging>\n    <next>/v2/entries?from=2017-10-20T00%3A00%3A00.000Z&amp;start=2001</next>\n  </paging>\n",
    ),
    "stopncii": as_text(
        hash_page(
            hash_record(),
            hash_record(hashValue=PDQ_2, hashStatus="Withdrawn"),
            hash_record(
                signalType="VideoMD5",
                hashValue=MD5,
                CSPFeedbacks=[{"source": "Example", "feedbackValue": "Blocked", "tags": ["Nude"]}],
            ),
        )
    ),
    "vics": as_text(hash_set(media(), media(MD5=MD5_2.upper(), SHA1=None, Category=0, AlternativeHashes=[]))),
}
