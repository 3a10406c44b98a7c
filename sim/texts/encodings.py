"""Decoding text files: UTF-8, UTF-16 as Excel writes it, or the encoding of Chinese Windows."""

from __future__ import annotations

import codecs

__all__ = ["decoded"]

ENCODINGS = ("utf-8-sig", "gb18030")
"""Encodings that are tried in this order, after UTF-16 with a byte order mark."""


def decoded(data: bytes) -> str | None:
    """Return the text of a file, or None when it is not a text file."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
