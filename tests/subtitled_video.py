"""Writes a small film with a subtitle track of any text codec inside."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

MILLISECONDS = Fraction(1, 1000)
ASS_HEAD = (
    b"[Script Info]\r\nScriptType: v4.00+\r\n\r\n[V4+ Styles]\r\nFormat: Name, Fontname, Fontsize\r\n"
    b"Style: Default,Arial,20\r\n\r\n[Events]\r\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, "
    b"MarginV, Effect, Text\r\n"
)


def write_subtitled(path: Path, codec: str, cues: list[tuple[float, float, str]], languages=("eng",)) -> None:
    """Write three seconds of grey with one track of ``cues`` per language."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libvpx" if path.suffix == ".webm" else "libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        tracks = []
        for language in languages:
            track = output.add_stream(codec)
            track.codec_context.subtitle_header = ASS_HEAD
            track.metadata["language"] = language
            track.time_base = MILLISECONDS
            tracks.append(track)
        encoded = []
        for k in range(75):
            frame = av.VideoFrame.from_ndarray(np.full((64, 96, 3), k, np.uint8), format="rgb24")
            frame.pts = k
            encoded += stream.encode(frame)
        encoded += stream.encode(None)
        output.start_encoding()
        for track, language in zip(tracks, languages, strict=True):
            for number, (start_s, end_s, text) in enumerate(cues):
                words = text.replace("LANGUAGE", language).encode()
                packet = av.Packet(_coded(codec, number, words))
                packet.stream, packet.time_base = track, MILLISECONDS
                packet.pts = packet.dts = round(start_s * 1000)
                packet.duration = round((end_s - start_s) * 1000)
                encoded.append(packet)
        for packet in sorted(encoded, key=lambda p: p.dts * p.time_base):
            output.mux_one(packet)


def _coded(codec: str, number: int, text: bytes) -> bytes:
    if codec == "mov_text":
        return len(text).to_bytes(2, "big") + text
    return b"%d,0,Default,,0,0,0,,%s" % (number, text) if codec == "ass" else text
