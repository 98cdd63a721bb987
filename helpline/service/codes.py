"""The second factor: codes of an authenticator app (RFC 6238) and recovery codes on paper."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pyotp
import segno
from sqlalchemy import Connection

from helpline.core.digits import to_ascii_digits
from helpline.crypto import Sealer
from helpline.store import accounts
from helpline.store.accounts import Credentials

# What the app on an officer's own phone shows beside the name: nothing that tells its purpose.
ISSUER = "Console"
STEP = 30  # seconds; RFC 6238 section 5.2
SECRET = 20  # bytes; RFC 4226 section 4 recommends 160 bits
RECOVERY = 10
_GROUPS, _LETTERS = 4, 4  # of one recovery code: 80 bits
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
_MISREAD = str.maketrans("ilo", "110")
Random = Callable[[int], bytes]


def new_secret(random: Random) -> str:
    return base64.b32encode(random(SECRET)).decode("ascii")


def step_of(now: datetime) -> int:
    return int(now.timestamp()) // STEP


def code_of(secret: str, step: int) -> str:
    return str(pyotp.TOTP(secret, interval=STEP).generate_otp(step))


def step_matching(secret: str, typed: str, now: datetime) -> int | None:
    """The step that the typed code belongs to: now, or one before or after (RFC 6238, 5.2)."""
    given = "".join(to_ascii_digits(typed).split()).encode("utf-8", "surrogatepass")
    found = None
    for step in range(step_of(now) - 1, step_of(now) + 2):
        if hmac.compare_digest(code_of(secret, step).encode(), given):
            found = step
    return found


def uri(secret: str, name: str) -> str:
    """What the app reads from the QR code."""
    named = pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=name, issuer_name=ISSUER)
    return str(named)


def qr(text: str) -> str:
    """The QR code as one inline SVG without any style of its own."""
    return str(segno.make(text, error="m", micro=False).svg_inline(scale=5, border=4))


def new_recovery_code(random: Random) -> str:
    letters = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in random(_GROUPS * _LETTERS))
    return "-".join(letters[at : at + _LETTERS] for at in range(0, len(letters), _LETTERS))


def recovery_hash(typed: str) -> str:
    """The same for any case, with or without its hyphens. 80 random bits need no slow hash."""
    plain = "".join(to_ascii_digits(typed).casefold().replace("-", "").split()).translate(_MISREAD)
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class SecondFactor:
    """Seals secrets and uses codes up. Each method that uses one is inside a writing transaction,
    so that of two simultaneous uses of one code exactly one succeeds."""

    sealer: Sealer
    random: Random

    def sealed(self, officer_id: int, secret: str) -> bytes:
        return self.sealer.seal_session(f"totp|{officer_id}", secret.encode("ascii"))

    def secret(self, officer_id: int, known: Credentials) -> str:
        """Raises SealBroken when the key ring is another one than at the enrolment."""
        assert known.sealed_totp is not None
        opened = self.sealer.open_session(f"totp|{officer_id}", known.sealed_totp)
        return opened.decode("ascii")

    def use_code(
        self,
        connection: Connection,
        officer_id: int,
        known: Credentials,
        typed: str,
        now: datetime,
    ) -> bool:
        step = step_matching(self.secret(officer_id, known), typed, now)
        return step is not None and accounts.use_step(connection, officer_id, step)

    def use_recovery(
        self, connection: Connection, officer_id: int, typed: str, now: datetime
    ) -> bool:
        return accounts.use_recovery(connection, officer_id, recovery_hash(typed), now)

    def renew_recovery(self, connection: Connection, officer_id: int) -> tuple[str, ...]:
        """Ten new codes, to be shown once; every older one is void."""
        fresh = tuple(new_recovery_code(self.random) for _ in range(RECOVERY))
        accounts.set_recovery(connection, officer_id, map(recovery_hash, fresh))
        return fresh
