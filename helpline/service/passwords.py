"""Officers' passwords: what is accepted, Argon2id, and the same work for a name that nobody has."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from helpline.core.errors import Refused
from helpline.store.officers import folded

# OWASP Password Storage Cheat Sheet: Argon2id with at least 19 MiB, 2 passes and 1 lane. It takes
# about 50 ms of a district server's core.
MEMORY_KIB, PASSES, LANES = 19 * 1024, 2, 1
SHORTEST, LONGEST = 12, 200  # characters, once normalised
FEWEST = 5  # different characters
NAME = 4  # letters of a name that a password may not hold
COMMON = frozenset(
    {
        "password1234", "password12345", "password123456", "passwordpassword", "mypassword123",
        "administrator", "administrator1", "changemechangeme", "letmeinletmein", "welcome12345",
        "iloveyou1234", "qwertyuiop123", "qwerty123456", "qwertyqwerty", "1qaz2wsx3edc",
        "123456789012", "1234567890123", "12345678901234", "123456789abc", "abcdefghijkl",
        "abcdefgh1234", "abcd12345678", "helplinehelpline", "helpline1234",
        "correcthorsebatterystaple",
    }
)  # fmt: skip

# One of them at a time needs its 19 MiB and a core; a crowd at the door must starve no caller.
AT_ONCE = 2
IN_LINE = 20  # with them; more are sent away at once

# Of no password: verifying it takes as long as any other.
NOBODYS = f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${'A' * 22}${'A' * 43}"


def normalised(password: str) -> str:
    """Keyboards write one letter in several ways; NIST SP 800-63B section 5.1.1.2 asks for NFKC."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, name: str) -> None:
    """Refuses a password that is too easy to guess for the officer of that name."""
    plain = folded(password)
    if not SHORTEST <= len(normalised(password)) <= LONGEST:
        raise Refused("A password has 12 to 200 characters. A few words together are good.")
    if len(name) >= NAME and folded(name) in plain:
        raise Refused("Choose a password without your name in it.")
    if plain in COMMON or len(set(plain)) < FEWEST:
        raise Refused("Too many people use this password. Choose another one.")


@dataclass(frozen=True)
class Passwords:
    """Every method takes the time of a hash; Refused when too many people wait for theirs."""

    hasher: PasswordHasher = field(
        default_factory=lambda: PasswordHasher(PASSES, MEMORY_KIB, LANES), repr=False
    )
    _running: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_ONCE))
    _line: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(IN_LINE))

    def hash(self, password: str) -> str:
        with self._turn():
            return self.hasher.hash(_bytes(password))

    def right(self, password_hash: str, password: str) -> bool:
        """An empty hash is nobody's: false, after the same work."""
        with self._turn():
            try:
                self.hasher.verify(password_hash or NOBODYS, _bytes(password))
            except (VerificationError, InvalidHashError):
                return False
        return bool(password_hash)

    def stale(self, password_hash: str) -> bool:
        """Made with other parameters than today's."""
        return self.hasher.check_needs_rehash(password_hash)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._line.acquire(blocking=False):
            raise Refused("Too many people sign in at this moment. Try again in a minute.")
        try:
            with self._running:
                yield
        finally:
            self._line.release()


def _bytes(password: str) -> bytes:
    return normalised(password).encode("utf-8", "surrogatepass")
