"""All settings, read once from the environment, every bad one reported together."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from helpline.core.errors import ConfigError
from helpline.core.text import Budget
from helpline.gateways.base import Channel

MIN_SECRET = 22  # characters of base64url that hold at least 128 bits
_CHANNEL = re.compile(r"[a-z][a-z0-9-]{0,30}")
_PATH_SECRET = re.compile(rf"[A-Za-z0-9_-]{{{MIN_SECRET},128}}")
_REGIONS = {"bt": "BT", "pk": "PK", "kh": "KH"}
_OWN = frozenset({"name", "gateway", "programme", "address", "secrets", "budget"})


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable: its default ("" = derived from the data folder) and meaning."""

    name: str
    default: str
    meaning: str


SETTINGS = (
    Setting("HELPLINE_DATA", "var", "folder of the embedded database, Redis, keys and channels"),
    Setting("DATABASE_URL", "", "the record; empty: SQLite in the data folder"),
    Setting("REDIS_URL", "", "sessions and wake-ups; empty: the embedded Redis"),
    Setting("PUBLIC_BASE_URL", "http://127.0.0.1:8000", "how gateways reach this deployment"),
    Setting("HELPLINE_CHANNELS", "", "channels file; empty: channels.toml in the data folder"),
    Setting("HELPLINE_KEYS", "", "key ring file; empty: keys.json in the data folder"),
    Setting(
        "HELPLINE_SIMULATOR", "off", "on: /simulator, simulator channels and stub providers answer"
    ),
    Setting("HELPLINE_LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR"),
)


@dataclass(frozen=True)
class Config:
    data: Path
    database_url: str = field(repr=False)  # may hold a password
    redis_url: str = field(repr=False)
    public_base_url: str
    channels_file: Path
    keys_file: Path
    simulator: bool
    log_level: str
    embedded_database: bool
    embedded_redis: bool

    @classmethod
    def from_env(cls, environment: Mapping[str, str] | None = None) -> "Config":
        """Settings of `environment`, else of `<data>/helpline.env`, else the defaults."""
        given = dict(os.environ if environment is None else environment)
        data = Path(given.get("HELPLINE_DATA") or "var").resolve()
        values = {s.name: given.get(s.name) or "" for s in SETTINGS}
        stored = _env_file(data / "helpline.env")
        for setting in SETTINGS:
            values[setting.name] = (
                values[setting.name] or stored.get(setting.name, "") or setting.default
            )
        if problems := list(_problems(values)):
            raise ConfigError(problems)
        return cls._of(data, values)

    @classmethod
    def _of(cls, data: Path, values: Mapping[str, str]) -> "Config":
        return cls(
            data=data,
            database_url=values["DATABASE_URL"] or f"sqlite:///{data / 'helpline.sqlite3'}",
            redis_url=values["REDIS_URL"],
            public_base_url=values["PUBLIC_BASE_URL"].rstrip("/"),
            channels_file=Path(values["HELPLINE_CHANNELS"] or data / "channels.toml"),
            keys_file=Path(values["HELPLINE_KEYS"] or data / "keys.json"),
            simulator=values["HELPLINE_SIMULATOR"] == "on",
            log_level=values["HELPLINE_LOG_LEVEL"],
            embedded_database=not values["DATABASE_URL"],
            embedded_redis=not values["REDIS_URL"],
        )


def _env_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise ConfigError([f"{path} is not UTF-8 text."]) from None
    pairs = (line.partition("=") for line in lines)
    return {name.strip(): value.strip() for name, sign, value in pairs if sign}


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:  # such as an IPv6 address without its bracket
        return None


def _problems(values: Mapping[str, str]) -> "list[str]":
    found: list[str] = []
    database = values["DATABASE_URL"]
    if database and not database.startswith(("sqlite:///", "postgresql+psycopg://")):
        found.append("DATABASE_URL must begin with postgresql+psycopg:// or sqlite:///.")
    redis = _split(values["REDIS_URL"])
    if values["REDIS_URL"] and (redis is None or redis.scheme not in ("redis", "rediss", "unix")):
        found.append("REDIS_URL must begin with redis://, rediss:// or unix://.")
    base = _split(values["PUBLIC_BASE_URL"])
    web = base is not None and base.scheme in ("http", "https") and bool(base.netloc)
    if base is None or not web or base.query or base.fragment:
        found.append("PUBLIC_BASE_URL must be an http(s) address such as https://help.example.org.")
    if values["HELPLINE_SIMULATOR"] not in ("on", "off"):
        found.append("HELPLINE_SIMULATOR must be on or off.")
    if values["HELPLINE_LOG_LEVEL"] not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        found.append("HELPLINE_LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR.")
    return found


def read_channels(
    path: Path, gateways: Mapping[str, bool], programmes: tuple[str, ...]
) -> dict[str, Channel]:
    """The channels of a TOML file; `gateways` says of each whether its path holds a secret.

    Raises ConfigError with every problem; a secret is never part of one.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("channel", [])
    except FileNotFoundError:
        raise ConfigError(
            [f"There is no channels file {path}; see deploy/channels.toml."]
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise ConfigError([f"The channels file {path} is not valid TOML."]) from None
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigError([f"The channels file {path} needs [[channel]] tables, two brackets."])
    problems: list[str] = []
    channels: dict[str, Channel] = {}
    for number, table in enumerate(tables, start=1):
        where = f"channel {number} ({table.get('name', 'no name')})"
        found = _channel_problems(table, gateways, programmes, channels)
        problems.extend(f"{where}: {problem}" for problem in found)
        if not found:
            channels[table["name"]] = _channel(table)
    if problems:
        raise ConfigError(problems)
    return channels


def _channel_problems(
    table: Mapping[str, object],
    gateways: Mapping[str, bool],
    programmes: tuple[str, ...],
    known: Mapping[str, Channel],
) -> list[str]:
    found: list[str] = []
    name, gateway = str(table.get("name", "")), str(table.get("gateway", ""))
    if not _CHANNEL.fullmatch(name):
        found.append("name must be lower-case letters, digits and hyphens, at most 31.")
    if name in known:
        found.append("the name is used twice.")
    if gateway not in gateways:
        found.append(f"gateway must be one of {', '.join(sorted(gateways))}.")
    if table.get("programme") not in programmes:
        found.append(f"programme must be one of {', '.join(programmes)}.")
    if not isinstance(table.get("address"), str) or not table.get("address"):
        found.append("address (the number or service code) is missing.")
    found.extend(_secret_problems(table.get("secrets"), in_path=gateways.get(gateway, True)))
    found.extend(_budget_problems(table.get("budget", {})))
    return found


def _secret_problems(secrets: object, *, in_path: bool) -> list[str]:
    if not isinstance(secrets, list) or not 1 <= len(secrets) <= 2:
        return ["secrets must hold one secret, or two during a rotation."]
    if not all(isinstance(secret, str) and secret for secret in secrets):
        return ["every secret must be a text."]
    if in_path and not all(re.fullmatch(_PATH_SECRET, s) for s in secrets):
        return [f"a path secret must be {MIN_SECRET} to 128 letters, digits, - or _ (128 bits)."]
    return []


def _budget_problems(budget: object) -> list[str]:
    if not isinstance(budget, dict) or budget.keys() - {"gsm7", "ucs2", "segments"}:
        return ["budget takes gsm7, ucs2 and segments only."]
    bounds = {"gsm7": (60, 182), "ucs2": (40, 80), "segments": (1, 6)}
    return [
        f"budget {key} must be between {low} and {high}."
        for key, (low, high) in bounds.items()
        if key in budget and not (type(budget[key]) is int and low <= budget[key] <= high)
    ]


def _channel(table: Mapping[str, object]) -> Channel:
    options = {key: str(value) for key, value in table.items() if key not in _OWN}
    budget, secrets = table.get("budget", {}), table["secrets"]
    assert isinstance(budget, dict)
    assert isinstance(secrets, list)
    return Channel(
        name=str(table["name"]),
        gateway=str(table["gateway"]),
        programme=str(table["programme"]),
        address=str(table["address"]),
        region=_REGIONS[str(table["programme"])],
        budget=Budget(**budget),
        secrets=tuple(secrets),
        options=options,
    )
