"""Lists in the shapes of NCMEC, StopNCII and Project VIC."""

from __future__ import annotations

from pathlib import Path

from .base import SampleList, as_json, settings
from .digests import made_up

_NCMEC = """\
<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2">
  <images count="2" maxTimestamp="2025-01-02T10:00:00Z">
    <image>
      <member id="42">Example Member</member>
      <timestamp>2025-01-01T10:00:00Z</timestamp>
      <id>image1</id>
      <classification>A1</classification>
      <fingerprints>
        <md5>{image_md5}</md5>
        <sha1>{image_sha1}</sha1>
        <pdq>{image_pdq}</pdq>
      </fingerprints>
    </image>
    <deletedImage>
      <member id="43">Other Example Member</member>
      <timestamp>2025-01-02T10:00:00Z</timestamp>
      <id>image4</id>
    </deletedImage>
  </images>
  <videos count="1" maxTimestamp="2025-01-01T11:00:00Z">
    <video>
      <member id="42">Example Member</member>
      <timestamp>2025-01-01T11:00:00Z</timestamp>
      <id>video1</id>
      <fingerprints>
        <md5>{video_md5}</md5>
        <tmk-pdqf rel="self" href="/v2/entries/42/video1/fingerprints/TMK_PDQF"/>
      </fingerprints>
      <feedback>
        <negativeFeedback type="MD5">
          <reasons><reason guid="00000000-0000-4000-8000-000000000001" name="Example reason"/></reasons>
        </negativeFeedback>
      </feedback>
    </video>
  </videos>
</queryResult>
"""


def _ncmec(_: Path) -> bytes:
    """The answer to a query: an image with three hashes, one that was deleted, a video that a member objects to."""
    document = _NCMEC.format(
        image_md5=made_up("md5", "hotline image"),
        image_sha1=made_up("sha1", "hotline image"),
        image_pdq=made_up("pdq", "hotline image"),
        video_md5=made_up("md5", "hotline video"),
    )
    return document.encode()


def _stopncii(_: Path) -> bytes:
    """A page of records: an image, an image that was withdrawn, a video on which a platform acted."""
    case = "00000000-0000-4000-8000-000000000002"
    records: list[dict[str, object]] = [
        {"signalType": "ImagePDQ", "hashValue": made_up("pdq", "submitted image"), "hashStatus": "Active"},
        {"signalType": "ImagePDQ", "hashValue": made_up("pdq", "taken back"), "hashStatus": "Withdrawn"},
        {
            "signalType": "VideoMD5",
            "hashValue": made_up("md5", "submitted video"),
            "hashStatus": "Active",
            "CSPFeedbacks": [{"source": "Example Platform", "feedbackValue": "Blocked", "tags": []}],
        },
    ]
    shared = {"lastModtimestamp": 1735725600, "caseNumbers": {case: "Active"}, "hashRegions": ["UK"]}
    page = {
        "count": len(records),
        "nextSetTimestamp": 1735729200,
        "nextPageToken": "",
        "hasMoreRecords": False,
        "hashRecords": [{**shared, **record} for record in records],
    }
    return as_json(page)


def _vics(_: Path) -> bytes:
    """A hash set of version 2.0: a file that NCMEC's list holds too, and one of no concern."""
    files = [
        {
            "MediaID": 1,
            "Category": 1,
            "MD5": made_up("md5", "hotline image").upper(),
            "SHA1": made_up("sha1", "hotline image").upper(),
            "MediaSize": 28350,
            "DateUpdated": "2025-01-03T02:31:49.8300Z",
            "IsPrecategorized": "true",
            "MimeType": "image/jpeg",
            "AlternativeHashes": [{"HashName": "PDQ", "HashValue": made_up("pdq", "hotline image").upper()}],
        },
        {
            "MediaID": 2,
            "Category": 0,
            "MD5": made_up("md5", "of no concern").upper(),
            "MediaSize": 1204,
            "DateUpdated": "2025-01-03T02:31:49.8300Z",
        },
    ]
    context = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/CUSTOM/$metadata#Media"
    return as_json({"@odata.context": context, "value": files})


LISTS = {
    "ncmec.xml": SampleList(_ncmec, settings("ncmec-sample", "Sample data (NCMEC shape)", "amber")),
    "stopncii.json": SampleList(_stopncii, settings("stopncii-sample", "Sample data (StopNCII shape)", "amber")),
    "vics.json": SampleList(_vics, settings("vics-sample", "Sample data (VICS shape)", "red")),
}
