"""One's own account: language, recovery codes, logins; an administrator may see and end others'."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from helpline.core.errors import Refused
from helpline.service.account_rules import CONSOLE, acting, existing
from helpline.service.codes import SecondFactor
from helpline.service.throttle import Throttle, too_many
from helpline.service.visits import ENDED, Visits
from helpline.store import accounts, audit, logins, officers
from helpline.store.logins import Login
from helpline.store.officers import Officer
from helpline.store.record import Record

SHOWN = timedelta(days=90)  # how far back the list of logins goes


@dataclass(frozen=True)
class OwnAccount:
    record: Record
    visits: Visits
    factor: SecondFactor
    throttle: Throttle

    def set_language(self, officer: Officer, language: str, now: datetime) -> None:
        if language not in CONSOLE:
            raise Refused("There is no language {language}.", language=language)
        with self.record.writing() as connection:
            officers.set_language(connection, officer.id, language)
            _audit(connection, officer.name, "account.changed", officer, now, language=language)

    def recovery_left(self, officer: Officer) -> int:
        with self.record.reading() as connection:
            return accounts.recovery_left(connection, officer.id)

    def renew_recovery(self, officer: Officer, code: str, now: datetime) -> tuple[str, ...]:
        """Ten new recovery codes for a current code of the app; the older ones are void."""
        key = self.throttle.key(officer.name, "recovery codes")
        with self.record.writing() as connection:
            wait = self.throttle.wait(connection, key, now)
            known = accounts.credentials(connection, officer.id)
            if not wait and known.joined:
                if self.factor.use_code(connection, officer.id, known, code, now):
                    self.throttle.clear(connection, key)
                    _audit(connection, officer.name, "recovery.made", officer, now)
                    return self.factor.renew_recovery(connection, officer.id)
                self.throttle.failed(connection, key, now)
        if wait:
            raise too_many(wait)
        raise Refused("The code is not right. Wait for the next one and type it.")

    def logins(self, by: Officer | None, name: str, now: datetime) -> list[Login]:
        """The last 90 days', the newest first; looking at another officer's is written down."""
        with self.record.reading() as connection:
            officer = existing(connection, name)
        if by is None or by.id != officer.id:
            with self.record.writing() as connection:
                _audit(connection, acting(connection, by), "login.listed", officer, now)
        with self.record.reading() as connection:
            return logins.of_officer(connection, officer.id, now - SHOWN)

    def end_login(self, by: Officer, name: str, token_hash: str, now: datetime) -> None:
        """One's own, or as an administrator anybody's. One that is over stays so."""
        with self.record.writing() as connection:
            officer, login = existing(connection, name), logins.get(connection, token_hash)
            actor = by.name if by.id == officer.id else acting(connection, by)
            if login is None or login.officer_id != officer.id:
                raise Refused("There is no such login.")
            if logins.end(connection, token_hash, now, ENDED):
                _audit(connection, actor, "login.ended", officer, now, reason=ENDED)

    def end_logins(self, by: Officer | None, name: str, now: datetime) -> int:
        """How many there were."""
        with self.record.writing() as connection:
            officer = existing(connection, name)
            own = by is not None and by.id == officer.id
            actor = officer.name if own else acting(connection, by)
            _audit(connection, actor, "logins.ended", officer, now)
            return self.visits.end_all(connection, officer, ENDED, now)


def _audit(
    connection: Connection,
    actor: str,
    action: str,
    officer: Officer,
    now: datetime,
    **detail: str,
) -> None:
    audit.append(
        connection, at=now, actor=actor, action=action, subject=officer.name, detail=detail
    )
