"""Sealed content, sealed sessions and blind phone numbers; import them from here."""

from helpline.crypto.keyring import Keyring, new_keyring
from helpline.crypto.sealer import Sealer, WrappedKey

__all__ = ["Keyring", "Sealer", "WrappedKey", "new_keyring"]
