"""Names and secrets drawn at random by this machine."""

import secrets
import uuid


def new_id() -> str:
    """32 hex digits."""
    return uuid.uuid4().hex


def token() -> str:
    """A secret of 192 bits, as text for an address or a cookie."""
    return secrets.token_urlsafe(24)


def draw() -> int:
    """A number of 64 bits."""
    return secrets.randbits(64)
