"""Carries out what a turn asks of the record, in the transaction of that turn."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from helpline.core.effects import (
    ChangeTime,
    Erase,
    FileReport,
    FindCase,
    Made,
    TellReport,
    TextDesk,
    Withdraw,
)
from helpline.core.label import Label
from helpline.core.predicates import ENDED, TEXTED
from helpline.service.filing import Filed, Filing, Origin
from helpline.service.mycase import MyCase
from helpline.service.telling import Telling
from helpline.service.texting import Texting
from helpline.store import cases


@dataclass(frozen=True, slots=True)
class Carried:
    """What the record answered. `filed` names the case that the dialogue filed; `at` is when the
    same input did this first. `refused`: the request cannot be changed any more."""

    filed: Filed | None = None
    found: str | None = None
    at: datetime | None = None
    refused: bool = False


@dataclass(frozen=True)
class Carrier:
    filing: Filing
    telling: Telling
    my_case: MyCase
    texting: Texting

    def carry(
        self,
        connection: Connection,
        effect: Made,
        origin: Origin,
        say: Callable[[Label], str],
        now: datetime,
    ) -> Carried:
        """One effect. An input that changed the record before only finds what it did."""
        match effect:
            case FileReport(report):
                filed = self.filing.file_in(connection, origin, report, now)
                return Carried(filed, at=filed.at)
            case TellReport():
                told = self.telling.tell(connection, effect, now)
                return Carried(told) if told else Carried(found=ENDED, refused=True)
            case FindCase():
                return Carried(found=self.my_case.find(connection, effect))
            case TextDesk():
                once = f"{origin.channel}|{origin.input_id}|{now:%Y%m%d}"
                texted = self.texting.desk(
                    connection, effect, origin.number, say(effect.note), once, now
                )
                return Carried(found=TEXTED if texted else "")
            case ChangeTime() | Withdraw() | Erase():
                return self._change(connection, effect, origin, now)

    def known(self, effect: Made, origin: Origin, now: datetime) -> bool:
        """Whether this input did this very thing before. Raises RecordUnavailable."""
        match effect:
            case FileReport(report):
                return self.filing.known(origin, now, report) is not None
            case ChangeTime() | Withdraw() | Erase():
                return self.filing.known(_named(origin, effect), now) is not None
            case _:
                return False

    def _change(
        self,
        connection: Connection,
        effect: ChangeTime | Withdraw | Erase,
        origin: Origin,
        now: datetime,
    ) -> Carried:
        origin = _named(origin, effect)
        if known := self.filing.known_in(connection, origin, now):
            return Carried(at=known.at)
        match effect:
            case ChangeTime():
                changed = self.my_case.change_time(connection, effect, now)
            case Withdraw():
                changed = self.my_case.withdraw(connection, effect, now)
            case Erase():
                changed = self.my_case.erase(connection, effect, now)
        if not changed:
            return Carried(found=self.my_case.find(connection, effect.case), refused=True)
        cases.remember(
            connection,
            origin.channel,
            origin.input_id,
            number_index="",
            case_id=None if isinstance(effect, Erase) else changed,
            at=now,
        )
        return Carried()


def _named(origin: Origin, effect: ChangeTime | Withdraw | Erase) -> Origin:
    """An input that changes a request is named by what it does to which, so that a reused session
    id is never taken for something that was done before."""
    act = type(effect).__name__.lower()
    return replace(origin, input_id=f"{origin.input_id}|{act}|{effect.case.code}")
