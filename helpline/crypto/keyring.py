"""The service's key ring: read, checked and made here; shows the ids of keys, never a key."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from helpline.core.errors import ConfigError
from helpline.crypto.wire import KEY_BYTES, b64, canonical, loads, unb64

_ENTRIES = ("data", "index", "index_epoch", "primary")
_KEY_ID = re.compile(r"[A-Za-z0-9_.-]{1,24}")  # too short to be a key pasted in the wrong place
_EPOCH = re.compile(r"[1-9][0-9]{0,2}")  # stored as one byte


@dataclass(frozen=True, eq=False)
class Keyring:
    """The service's keys: `primary` wraps new DEKs, the other data keys still open old ones."""

    primary: str
    data: Mapping[str, bytes]
    index_epoch: int
    index: Mapping[int, bytes]

    def __post_init__(self) -> None:
        index = {str(epoch): key for epoch, key in self.index.items()}
        if problems := _ring_problems(self.primary, self.data, self.index_epoch, index):
            raise ConfigError(problems)
        object.__setattr__(self, "data", MappingProxyType(dict(self.data)))
        object.__setattr__(self, "index", MappingProxyType(dict(self.index)))

    def __repr__(self) -> str:
        return (
            f"Keyring(primary={self.primary!r}, data={sorted(self.data)}, "
            f"index_epoch={self.index_epoch}, index={sorted(self.index)})"
        )

    @classmethod
    def parse(cls, text: str) -> "Keyring":
        """ConfigError holds every problem at once and repeats nothing that may be a key."""
        repeated: list[str] = []
        ring = loads(text, repeated)
        if not isinstance(ring, dict):
            raise ConfigError(["The key ring is not a JSON object."])
        problems = ["The key ring has a name twice in one object."] if repeated else []
        if ring.keys() - set(_ENTRIES):
            problems.append("The key ring has an entry besides " + ", ".join(_ENTRIES) + ".")
        data, index = _keys_of(ring.get("data")), _keys_of(ring.get("index"))
        primary, epoch = ring.get("primary"), ring.get("index_epoch")
        problems += _ring_problems(primary, data, epoch, index)
        if problems or not isinstance(primary, str) or not isinstance(epoch, int):
            raise ConfigError(problems)
        return cls(primary, data, epoch, {int(name): key for name, key in index.items()})


def new_keyring(random: Callable[[int], bytes]) -> str:
    """JSON text of a fresh ring, to be kept secret; ConfigError when `random` repeats itself."""
    data, index = {"k1": b64(random(KEY_BYTES))}, {"1": b64(random(KEY_BYTES))}
    text = canonical({"primary": "k1", "data": data, "index_epoch": 1, "index": index}).decode()
    Keyring.parse(text)
    return text


def _ring_problems(
    primary: object, data: Mapping[str, bytes], epoch: object, index: Mapping[str, bytes]
) -> list[str]:
    """The rules of a ring; a name that may itself be a pasted key is given by its place."""
    problems: list[str] = []
    seen: dict[bytes, str] = {}
    for kind, keys, is_name, rule in (
        ("data", data, _is_key_id, "1 to 24 letters, digits, _ . or -"),
        ("index", index, _is_epoch, "a number from 1 to 255"),
    ):
        if not keys:
            problems.append(f"The key ring has no {kind} keys.")
        for place, (name, key) in enumerate(keys.items(), start=1):
            label = f"{kind} key {name}" if is_name(name) else f"{kind} key in place {place}"
            if not is_name(name):
                problems.append(f"The {label} needs {rule} as its name.")
            if len(key) != KEY_BYTES:
                problems.append(f"The {label} is not {KEY_BYTES} bytes in base64.")
            elif seen.setdefault(key, label) != label:
                problems.append(f"The {label} is the same as the {seen[key]}; each must differ.")
    if not isinstance(primary, str) or primary not in data:
        problems.append("The primary is not the id of a data key.")
    if type(epoch) is not int or str(epoch) not in index:
        problems.append("The index_epoch is not the number of an index key.")
    return problems


def _is_key_id(name: str) -> bool:
    return _KEY_ID.fullmatch(name) is not None


def _is_epoch(name: str) -> bool:
    return _EPOCH.fullmatch(name) is not None and int(name) <= 255


def _keys_of(table: object) -> dict[str, bytes]:
    return {name: unb64(key) for name, key in table.items()} if isinstance(table, dict) else {}
