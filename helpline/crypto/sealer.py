"""Seals case content and sessions and blinds phone numbers; randomness comes in as an argument.

No exception raised here, nor its cause or context, holds a key, a number or a piece of content.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from typing import NewType

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from helpline.core.errors import SealBroken
from helpline.crypto.keyring import Keyring
from helpline.crypto.wire import (
    KEY_BYTES,
    NONCE_BYTES,
    b64,
    canonical,
    case_aad,
    decrypt,
    dek_aad,
    named,
    pad,
    recipients,
    session_aad,
    unb64,
    unpad,
)

WrappedKey = NewType("WrappedKey", str)
"""A case's DEK as JSON text, one entry per recipient; the empty text is an erased one."""

VERSION = 1  # first byte of whatever is stored
KEY_EPOCH = 1  # counts the DEKs of one case; a rewrapped DEK is the same DEK

_SERVICE = "service:"
_BROKEN = "Sealed content does not open."
_E164 = re.compile(r"\+[1-9][0-9]{1,14}")  # ITU-T E.164 section 6: at most 15 digits


class Sealer:
    """Opening raises SealBroken whatever is wrong; sealing raises ValueError on a malformed id."""

    def __init__(self, keyring: Keyring, random: Callable[[int], bytes]) -> None:
        self._random = random
        self._primary = _SERVICE + keyring.primary
        self._wrapping = {_SERVICE + name: AESGCM(key) for name, key in keyring.data.items()}
        self._sessions = {_SERVICE + name: _session(key) for name, key in keyring.data.items()}
        epochs = sorted(keyring.index, key=lambda epoch: (epoch != keyring.index_epoch, -epoch))
        self._index = tuple((epoch, keyring.index[epoch]) for epoch in epochs)

    def new_case_key(self, case_id: str) -> WrappedKey:
        return WrappedKey(canonical([self._wrap(case_id, self._random(KEY_BYTES))]).decode())

    def rewrap(self, case_id: str, wrapped: str) -> WrappedKey:
        """Same DEK, for today's primary; other recipients stay. Unchanged when nothing is due."""
        dek = self._unwrap(case_id, wrapped)
        if dek is None:
            raise SealBroken(_BROKEN)
        entries = recipients(wrapped)
        others = [entry for entry in entries if not str(entry["recipient"]).startswith(_SERVICE)]
        if entries[0]["recipient"] == self._primary and len(entries) == len(others) + 1:
            return WrappedKey(wrapped)
        return WrappedKey(canonical([self._wrap(case_id, dek), *others]).decode())

    def seal(self, case_id: str, field: str, wrapped: str, content: Mapping[str, object]) -> bytes:
        """`content` must be JSON (ValueError or TypeError if not); a tuple comes back as a list."""
        head, aad = bytes((VERSION, KEY_EPOCH)), case_aad(case_id, field, KEY_EPOCH)
        dek = self._unwrap(case_id, wrapped)
        if dek is None:
            raise SealBroken(_BROKEN)
        return head + self._encrypt(AESGCM(dek), pad(content), aad)

    def open(self, case_id: str, field: str, wrapped: str, sealed: bytes) -> dict[str, object]:
        dek = self._unwrap(case_id, wrapped)
        content = None
        if dek is not None and len(sealed) > 2 and sealed[0] == VERSION and named((case_id, field)):
            padded = decrypt(AESGCM(dek), sealed[2:], case_aad(case_id, field, sealed[1]))
            content = None if padded is None else unpad(padded)
        if content is None:
            raise SealBroken(_BROKEN)
        return content

    def seal_session(self, name: str, payload: bytes) -> bytes:
        aead = self._sessions[self._primary]
        return bytes((VERSION,)) + self._encrypt(aead, payload, session_aad(name))

    def open_session(self, name: str, sealed: bytes) -> bytes:
        for aead in self._sessions.values() if sealed[:1] == bytes((VERSION,)) else ():
            payload = decrypt(aead, sealed[1:], session_aad(name))
            if payload is not None:
                return payload
        raise SealBroken(_BROKEN)

    def blind_index(self, number: str) -> str:
        """66 hex digits under the current epoch; ValueError, without the number, if not E.164."""
        return self.blind_indexes(number)[0]

    def blind_indexes(self, number: str) -> tuple[str, ...]:
        """One for each epoch in the ring, the current one first, so that old rows are found."""
        if not _E164.fullmatch(number):
            raise ValueError("a blind index takes a number in E.164 form")
        return tuple(_blind(epoch, key, number) for epoch, key in self._index)

    def blind_text(self, purpose: str, text: str) -> str:
        """66 hex digits, of any text: another purpose gives others, and no number's index."""
        epoch, key = self._index[0]
        return _blind(epoch, _apart(key, purpose), text)

    def _encrypt(self, aead: AESGCM, plain: bytes, aad: bytes) -> bytes:
        nonce = self._random(NONCE_BYTES)
        return nonce + aead.encrypt(nonce, plain, aad)

    def _wrap(self, case_id: str, dek: bytes) -> dict[str, object]:
        aad = dek_aad(case_id, self._primary)
        both = self._encrypt(self._wrapping[self._primary], dek, aad)
        nonce, wrapped = both[:NONCE_BYTES], both[NONCE_BYTES:]
        return {"recipient": self._primary, "nonce": b64(nonce), "wrapped": b64(wrapped)}

    def _unwrap(self, case_id: str, wrapped: str) -> bytes | None:
        for entry in recipients(wrapped) if named((case_id,)) else ():
            name = str(entry["recipient"])
            if name in self._wrapping:
                both = unb64(entry.get("nonce")) + unb64(entry.get("wrapped"))
                return decrypt(self._wrapping[name], both, dek_aad(case_id, name))
        return None


def _session(data_key: bytes) -> AESGCM:
    """RFC 5869: the key that wraps DEKs is never used on a session itself."""
    derive = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"helpline.session|1")
    return AESGCM(derive.derive(data_key))


def _apart(index_key: bytes, purpose: str) -> bytes:
    """RFC 5869: the key of numbers' indexes is never used on another text itself."""
    info = f"helpline.blind|1|{purpose}".encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(index_key)


def _blind(epoch: int, key: bytes, text: str) -> str:
    """surrogatepass: whatever a browser sends as text must be counted, not raise."""
    encoded = text.encode("utf-8", "surrogatepass")
    return bytes((epoch,)).hex() + hmac.new(key, encoded, hashlib.sha256).hexdigest()
