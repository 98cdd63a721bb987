"""The bytes and texts that sealing stores: canonical JSON, base64, padding, AAD. Knows no ring.

Nothing here raises on what was stored: unreadable input gives an empty value or None, so that no
exception that carries content or a key (JSONDecodeError.doc) is ever chained to another.
"""

import base64
import json
from collections.abc import Iterable, Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32  # AES-256, FIPS 197; also the output size of SHA-256, RFC 2104 section 3
NONCE_BYTES = 12  # NIST SP 800-38D section 5.2.1.1; random ones: at most 2**32 per key, section 8.3
BUCKET_BYTES = 512  # design page, "Sealed content": a story's length shows only in steps of this
LENGTH_BYTES = 4  # big-endian, of the JSON before padding


def canonical(value: object) -> bytes:
    """A lone surrogate, which UTF-8 cannot hold, is kept as its JSON escape."""
    text = json.dumps(
        value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )
    return text.encode("utf-8", "backslashreplace")


def loads(text: str | bytes, repeated: list[str] | None = None) -> object:
    """None when it is not JSON; names that stand twice in one object go to `repeated`."""

    def pairs(items: list[tuple[str, object]]) -> dict[str, object]:
        members = dict(items)
        if repeated is not None and len(members) < len(items):
            repeated.extend(name for name, _ in items)
        return members

    try:
        value: object = json.loads(text, object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        return None
    return value


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def unb64(text: object) -> bytes:
    """Empty when it is not standard base64 (RFC 4648 section 4)."""
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except ValueError:
        return b""


def pad(content: Mapping[str, object]) -> bytes:
    body = canonical(content)
    framed = len(body).to_bytes(LENGTH_BYTES, "big") + body
    return framed + bytes(-len(framed) % BUCKET_BYTES)


def unpad(padded: bytes) -> dict[str, object] | None:
    end = LENGTH_BYTES + int.from_bytes(padded[:LENGTH_BYTES], "big")
    if end > len(padded) or any(padded[end:]):
        return None
    content = loads(padded[LENGTH_BYTES:end])
    return content if isinstance(content, dict) else None


def recipients(wrapped: str) -> list[dict[str, object]]:
    """Empty when the DEK was erased or the text is not a list of entries with a recipient."""
    entries = loads(wrapped)
    if not isinstance(entries, list):
        return []
    sound = all(isinstance(e, dict) and isinstance(e.get("recipient"), str) for e in entries)
    return entries if sound else []


def dek_aad(case_id: str, recipient: str) -> bytes:
    return _joined("helpline.dek", "1", case_id, recipient)


def case_aad(case_id: str, field: str, epoch: int) -> bytes:
    return _joined("helpline.case", "1", case_id, field, str(epoch))


def session_aad(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")


def decrypt(aead: AESGCM, sealed: bytes, aad: bytes) -> bytes | None:
    try:
        return aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], aad)
    except (InvalidTag, ValueError):
        return None


def named(names: Iterable[str]) -> bool:
    """A name with the separator in it could make one AAD stand for two cases or fields."""
    return all(name and "|" not in name for name in names)


def _joined(*parts: str) -> bytes:
    if not named(parts):
        raise ValueError("a case id or field is empty or has a | in it")
    return "|".join(parts).encode("utf-8", "surrogatepass")
