"""Files are videos by their first bytes alone."""

from __future__ import annotations

import numpy as np
import pytest

from hashmatch.media.containers import HEAD, demuxer, is_picture
from tests.clips import clip

MOV = "mov,mp4,m4a,3gp,3g2,mj2"
WRITTEN = {
    "mp4": MOV,
    "mov": MOV,
    "3gp": MOV,
    "matroska": "matroska,webm",
    "avi": "avi",
    "mpegts": "mpegts",
    "flv": "flv",
    "asf": "asf",
    "mpeg": "mpeg",
}


def content(format: str) -> bytes:
    codec = {"flv": "flv", "mpeg": "mpeg1video"}.get(format, "mpeg4")
    return clip(codec, format, count=10)


@pytest.mark.parametrize("format", WRITTEN)
def test_what_is_written_is_known(format: str) -> None:
    assert demuxer(content(format)[:HEAD]) == WRITTEN[format]


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\0\0\0\x08wide\0\0\0\0mdat", MOV),
        (b"\0\0\x10\0free", MOV),
        (b"\0\0\x10\0moov", MOV),
        (b"\0\0\x01\xb3", "mpegvideo"),
        (b"OggS\0", "ogg"),
    ],
)
def test_what_is_seldom_written_is_known_too(head: bytes, name: str) -> None:
    assert demuxer(head + bytes(HEAD)) == name


@pytest.mark.parametrize("length", [188, 192, 204])
@pytest.mark.parametrize("start", [0, 4, 100, 187])
def test_a_transport_stream_may_begin_anywhere(length: int, start: int) -> None:
    packets = content("mpegts")
    longer = b"".join(packets[at : at + 188] + bytes(length - 188) for at in range(0, len(packets), 188))
    assert demuxer(longer[start : start + HEAD]) == "mpegts"


@pytest.mark.parametrize("brand", ["avif", "heic", "mif1", "msf1", "jxl ", "crx "])
def test_pictures_that_are_built_as_videos_are_none(brand: str) -> None:
    head = b"\0\0\0\x18ftyp" + brand.encode() + bytes(HEAD)
    assert is_picture(head)
    assert demuxer(head) is None


def test_what_players_would_open_other_files_for_is_no_video() -> None:
    for head in (
        b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1/a.ts\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
        b"<?xml version='1.0'?><MPD><BaseURL>http://127.0.0.1/</BaseURL></MPD>",
        b"RIFF\0\0\0\0WAVEfmt ",
        b"[playlist]\nFile1=/etc/passwd\n",
        b"",
        b"G" * 100,
    ):
        assert demuxer(head) is None


def test_noise_and_sequences_of_letters_are_no_transport_stream() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        assert demuxer(b"x" + rng.integers(0, 256, HEAD, np.uint8).tobytes()) is None
        assert demuxer(bytes(rng.choice(list(b"GATC"), HEAD).tolist())) is None
