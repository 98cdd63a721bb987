"""What the demo begins with: channels with fresh secrets, officers, duty phones."""

import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path

from helpline import directory, runtime
from helpline.config import Config
from helpline.service import known
from helpline.store import desks, officers
from helpline.store.record import Record

# Numbers with prefixes that no operator of the country has: they cannot ring.
DUTY_PHONES = {"bt": "+97510000099", "pk": "+923800000099", "kh": "+85520000099"}
DUTY_LANGUAGES = {"bt": "dz", "pk": "ur", "kh": "km"}
OFFICERS = {"one": True, "two": False}  # name ending: is a woman
SERVICE_CODES = {"bt": "*1098#", "pk": "*1121#", "kh": "*1280#"}


def write_channels(path: Path, base: str) -> None:
    """Four channels per programme; secrets of an earlier run stay as they are."""
    known = _known(path)
    tables = [
        table
        for programme in ("bt", "pk", "kh")
        for table in (
            _channel(programme, "ussd", "africastalking-ussd", known, {}),
            _channel(
                programme,
                "sms",
                "africastalking-sms",
                known,
                {"api_base": f"{base}/stub/africastalking", "account": "demo", "api_key": "demo"},
            ),
            _channel(
                programme,
                "twilio",
                "twilio-sms",
                known,
                {"api_base": f"{base}/stub/twilio", "account": "AC" + "0" * 32},
            ),
            _channel(programme, "sim", "simulator", known, {}),
        )
    ]
    head = (
        "# The demo's channels. Every value here is made up for this folder; path secrets and\n"
        "# the Twilio-shaped auth tokens are under `secrets`.\n"
    )
    runtime.write_private(path.as_posix(), head + "\n".join(tables))


def _known(path: Path) -> dict[str, list[str]]:
    if not path.is_file():
        return {}
    tables = tomllib.loads(path.read_text(encoding="utf-8")).get("channel", [])
    return {table["name"]: table["secrets"] for table in tables}


def _channel(
    programme: str,
    suffix: str,
    gateway: str,
    known: Mapping[str, list[str]],
    options: Mapping[str, str],
) -> str:
    name = f"{programme}-{suffix}"
    held = known.get(name) or [secrets.token_hex(16)]
    address = SERVICE_CODES[programme] if suffix in ("ussd", "sim") else "+15005550006"
    segments = "budget = { segments = 3 }" if suffix in ("sms", "twilio") else ""
    values = {"name": name, "gateway": gateway, "programme": programme, "address": address}
    lines = [f'{key} = "{value}"' for key, value in {**values, **options}.items()]
    listed = ", ".join(f'"{secret}"' for secret in held)
    return "\n".join(["[[channel]]", *lines, f"secrets = [{listed}]", segments, ""])


def seed(config: Config) -> None:
    """Two officers per programme on every verified desk, and a duty phone for each desk."""
    record = Record(config.database_url)
    try:
        answering = known.in_use(record, directory.load()).desks.values()
        with record.writing() as connection:
            for programme, phone in DUTY_PHONES.items():
                codes = [d.code for d in answering if d.programme == programme and d.verified]
                for ending, woman in OFFICERS.items():
                    name = f"{programme}-officer-{ending}"
                    officers.put(connection, name, woman=woman, desks=codes)
                for code in codes:
                    desks.set_duty_phone(connection, code, phone, DUTY_LANGUAGES[programme])
    finally:
        record.close()
