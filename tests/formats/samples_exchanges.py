"""Samples of ThreatExchange and python-threatexchange, by the format's name."""

from __future__ import annotations

import json

PDQ = "f0e1d2c3b4a5968778695a4b3c2d1e0f" * 2
MD5 = "00112233445566778899aabbccddeeff"


def descriptor(**changes: object) -> dict[str, object]:
    """What one member says, as the Graph API gives it."""
    said: dict[str, object] = {
        "id": "3058061737574159",
        "owner": {"id": "616912251743987", "name": "Example Member"},
        "raw_indicator": PDQ,
        "type": "HASH_PDQ",
        "status": "MALICIOUS",
        "share_level": "AMBER",
        "severity": "SEVERE",
        "confidence": 75,
        "added_on": "2020-07-01T18:31:15+0000",
        "tags": {"data": [{"id": "11", "text": "group:example"}, {"id": "12", "text": "media_type_photo"}]},
    }
    return {**said, **changes}


def update(*descriptors: dict[str, object], **changes: object) -> dict[str, object]:
    """One indicator; without descriptors given, with one."""
    stated: dict[str, object] = {
        "id": "2819000000000001",
        "indicator": PDQ,
        "type": "HASH_PDQ",
        "creation_time": 1601513795,
        "last_updated": 1601513796,
        "should_delete": False,
        "tags": ["group:example", "media_type_photo"],
        "status": "MALICIOUS",
        "descriptors": {"data": list(descriptors or (descriptor(),))},
    }
    return {**stated, **changes}


def page(*updates: dict[str, object]) -> dict[str, object]:
    """A page of threat_updates."""
    return {"data": list(updates), "paging": {"cursors": {"before": "MjVFR", "after": "MjQZD"}}}


PAGES = [
    page(
        update(),
        update(
            descriptor(type="HASH_MD5", raw_indicator=MD5, status="UNKNOWN", tags=[]),
            id="2819000000000002",
            indicator=MD5,
            type="HASH_MD5",
            tags=[],
        ),
    ),
    page(update(id="2819000000000003", should_delete=True, descriptors={"data": []})),
    page(update(id="2819000000000004", last_updated=1601513800)),
]

SAMPLES: dict[str, bytes] = {
    "threatexchange": b"".join(json.dumps(each).encode() + b"\n" for each in PAGES),
    "tag-query": (
        "indicator,first_descriptor_id,added_on,labels\n"
        f"{PDQ},3058061737574159,2020-07-31T18:47:45+0000,group:example media_type_photo\n"
        f"{MD5},3058061737574160,mine,true_positive\n"
    ).encode(),
    "pytx-dataset": (
        "signal_type,signal_str,collab,category,tags\n"
        f"pdq,{PDQ},Sample Signals,POSITIVE_CLASS,group:example media_priority_s3\n"
        f"video_md5,{MD5},Sample Signals,INVESTIGATION_SEED,\n"
    ).encode(),
}
