"""What the demo begins with: channels with fresh secrets, officers, duty phones."""

import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection

from helpline import directory, runtime
from helpline.config import Config
from helpline.core.access import Role
from helpline.core.partners import only_receives
from helpline.crypto import Sealer
from helpline.service import codes, known
from helpline.service.account_rules import Profile, profile_of
from helpline.service.accounts import accounts_of
from helpline.service.visits import Visits
from helpline.store import accounts, desks, officers
from helpline.store.record import Record

# Numbers with prefixes that no operator of the country has: they cannot ring.
DUTY_PHONES = {"bt": "+97510000099", "pk": "+923800000099", "kh": "+85520000099"}
DUTY_LANGUAGES = {"bt": "dz", "pk": "ur", "kh": "km"}
ADMINISTRATOR = "admin"
ACCOUNTS = "accounts.txt"
PARTNERS = {
    "bt-partner": "BT-RENEW-DAMPHU",
    "pk-partner-education": "PK-CPU-RAJANPUR-EDU",
    "kh-partner": "KH-CPU-CARE",
}
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


def people(programme: str, desks: tuple[str, ...]) -> dict[str, Profile]:
    """Two officers and a supervisor for every desk; the first officer and the last are women."""
    one = Profile(desks=desks, woman=True, speaks=(DUTY_LANGUAGES[programme],))
    return {
        f"{programme}-officer-one": replace(one, interviewer=programme == "kh"),
        f"{programme}-officer-two": replace(one, woman=False),
        f"{programme}-supervisor": replace(one, role=Role.SUPERVISOR),
    }


def seed(config: Config) -> None:
    """People on every verified desk that works callbacks, one partner for each programme, a duty
    phone for each desk, and one administrator.

    What was changed of somebody since an earlier start stays; only new desks are added.
    """
    record = Record(config.database_url)
    try:
        answering = known.in_use(record, directory.load()).desks.values()
        with record.writing() as connection:
            _put(connection, ADMINISTRATOR, Profile(role=Role.ADMINISTRATOR))
            for programme, phone in DUTY_PHONES.items():
                codes = [d.code for d in answering if d.programme == programme and d.verified]
                working = [d.code for d in answering if d.code in codes and not only_receives(d)]
                for name, profile in people(programme, tuple(working)).items():
                    _put(connection, name, profile)
                for code in codes:
                    desks.set_duty_phone(connection, code, phone, DUTY_LANGUAGES[programme])
            for name, desk in PARTNERS.items():
                _put(connection, name, Profile(role=Role.PARTNER, desks=(desk,), woman=True))
    finally:
        record.close()


def _put(connection: Connection, name: str, profile: Profile) -> None:
    before = officers.named(connection, name)
    said = profile_of(before, ()) if before else profile
    officers.put(
        connection,
        name,
        woman=said.woman,
        desks=profile.desks,
        role=said.role,
        interviewer=said.interviewer,
        speaks=said.speaks,
        language=said.language,
    )


def open_accounts(config: Config) -> None:
    """A random password and second factor for everybody seeded; the passwords are written to
    `accounts.txt`, for their owner only. Who is in that file already keeps both."""
    path, record = config.data / ACCOUNTS, Record(config.database_url)
    sealer = Sealer(runtime.keyring_of(config), os.urandom)
    visits = Visits(record, runtime.token)
    joining = accounts_of(record, sealer, visits, os.urandom, runtime.token).joining
    try:
        with record.writing() as connection:
            joined, told = accounts.joined(connection), _passwords(path)
            for name in _everybody():
                officer = officers.named(connection, name)
                assert officer is not None
                if name in told and officer.id in joined:
                    continue
                told[name] = "-".join(secrets.token_hex(3) for _ in range(3))
                fresh = codes.new_secret(os.urandom)
                joining.found(connection, officer, told[name], fresh, runtime.now())
            runtime.write_private(path.as_posix(), _accounts_text(connection, told))
    finally:
        record.close()


def _everybody() -> list[str]:
    of_desks = (name for programme in DUTY_PHONES for name in people(programme, ()))
    return [ADMINISTRATOR, *of_desks, *PARTNERS]


def _passwords(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return {row[0]: row[1] for row in rows}


def _accounts_text(connection: Connection, told: Mapping[str, str]) -> str:
    lines = [
        "# The demo's accounts: name, password, role, and how to get the 6-digit code.",
        "# All of it is made up for this folder. Sign in at /console.",
    ]
    for name, password in told.items():
        officer = officers.named(connection, name)
        role = officer.role.value if officer else ""
        lines.append(f"{name:20}  {password}  {role:13}  code: helpline officers code {name}")
    return "\n".join([*lines, ""])
