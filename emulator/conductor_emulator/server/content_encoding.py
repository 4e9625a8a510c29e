"""Compressed bodies: what clients send, and answers large enough to be worth it."""

from __future__ import annotations

import gzip
import zlib
from typing import Final

from conductor_emulator.engine.errors import BadRequest

#: Answers from this size on are compressed for clients that take gzip; below it costs more than it saves.
COMPRESSED_FROM: Final = 32 * 1024
#: What a compressed body may grow to.
_LARGEST_BODY: Final = 256 * 1024 * 1024


def decompressed(body: bytes, encoding: str) -> bytes:
    """A request's body as its ``Content-Encoding`` says. Raises ``BadRequest``."""
    match encoding.strip().lower():
        case "identity":
            return body
        case "gzip" | "x-gzip":
            window = 16 + zlib.MAX_WBITS
        case "deflate":
            window = zlib.MAX_WBITS
        case _:
            raise BadRequest(f"Content-Encoding '{encoding}' is not supported: send the body plain or as gzip")
    reader = zlib.decompressobj(window)
    try:
        plain = reader.decompress(body, _LARGEST_BODY)
    except zlib.error as error:
        raise BadRequest(f"the body is not {encoding}: {error}") from None
    if reader.unconsumed_tail:
        raise BadRequest(f"the body is larger than {_LARGEST_BODY} bytes when decompressed")
    if not reader.eof:
        raise BadRequest(f"the {encoding} body is cut off")
    return plain


def compressed(body: bytes, accepted: str) -> bytes | None:
    """An answer's body as gzip, if it is large enough and the client's ``Accept-Encoding`` names that."""
    if len(body) >= COMPRESSED_FROM and "gzip" in accepted:
        return gzip.compress(body, compresslevel=1)
    return None
