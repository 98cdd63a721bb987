"""A whole helpline on one database, with a hand-moved clock and officers at their desks."""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import TypeVar

from sqlalchemy import Select, Table, make_url, select

from helpline import runtime
from helpline.config import Config
from helpline.core.access import Role
from helpline.core.effects import Made, TellReport
from helpline.core.report import Priority, Report
from helpline.core.window import Window
from helpline.runtime import Runtime
from helpline.service.carrying import Carried
from helpline.service.filing import Filed, Origin
from helpline.service.lines import QueueRow
from helpline.service.stories import Entry, Stories
from helpline.store import callbacks, cases, desks, migrate, officers
from helpline.store.callbacks import CallbackRow
from helpline.store.cases import CaseRow
from helpline.store.officers import Officer
from helpline.store.record import Record
from helpline.store.schema import metadata
from tests.private import PRIVATE_NUMBERS

T = TypeVar("T")

HAA, PARO, THIMPHU = "BT-WCPD-13", "BT-WCPU-PARO", "BT-WCPU-THIMPHU"  # one ladder, bottom first
BUMTHANG = "BT-WCPD-33"
NUMBER = PRIVATE_NUMBERS[0]
DUTY = {HAA: "+97510600013", PARO: "+97510600011", THIMPHU: "+97510600015"}
START = datetime(2031, 3, 4, 4, tzinfo=UTC)  # 10:00 in Thimphu, later than any real clock
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

CHANNELS = """
[[channel]]
name = "bt-ussd"
gateway = "africastalking-ussd"
programme = "bt"
address = "*1098#"
secrets = ["ussd-path-secret-0123456789"]

[[channel]]
name = "bt-sms"
gateway = "africastalking-sms"
programme = "bt"
address = "1098"
secrets = ["sms-path-secret-01234567890"]
account = "stub"
api_key = "atsk_secret_of_the_stub"
api_base = "{provider}"
timeout = "5"
"""


@dataclass
class HandClock:
    """Moves only when it is told to."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, by: timedelta) -> datetime:
        self.now += by
        return self.now


@dataclass
class World:
    runtime: Runtime
    clock: HandClock
    people: dict[str, Officer] = field(default_factory=dict)

    @property
    def record(self) -> Record:
        return self.runtime.record

    def file(self, report: Report, *, number: str = NUMBER, input_id: str = "") -> Filed:
        """Files one input; without a name it is one that was never seen before."""
        origin = Origin("bt-ussd", input_id or runtime.new_id(), number)
        with self.record.writing() as connection:
            return self.runtime.filing.file_in(connection, origin, report, self.clock())

    def tell(self, filed: Filed, report: Report) -> Filed | None:
        """The newest answers of the dialogue that filed."""
        effect = TellReport(filed.code, filed.at.isoformat(), report)
        with self.record.writing() as connection:
            return self.runtime.carrier.telling.tell(connection, effect, self.clock())

    def carry(self, effect: Made, *, number: str = NUMBER, input_id: str = "") -> Carried:
        """Carries out one effect of an input that came by USSD, in English."""
        origin = Origin("bt-ussd", input_id or runtime.new_id(), number)
        say = self.runtime.content.voices["en"].say
        with self.record.writing() as connection:
            return self.runtime.carrier.carry(connection, effect, origin, say, self.clock())

    def told(self, filed: Filed) -> list[Entry]:
        """What lies sealed in the case, opened: one entry per dialogue."""
        return Stories(self.runtime.sealer).read(self.case(filed))

    def callback(self, filed: Filed) -> CallbackRow:
        with self.record.reading() as connection:
            return callbacks.of_case(connection, filed.case_id)

    def case(self, filed: Filed) -> CaseRow:
        with self.record.reading() as connection:
            return cases.get(connection, filed.case_id)

    def rows(self, what: Table | Select[tuple[object, ...]]) -> list[dict[str, object]]:
        """Everything in a table, or what a query finds."""
        query = select(what).order_by(*what.primary_key) if isinstance(what, Table) else what
        with self.record.reading() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def everything(self) -> dict[str, list[dict[str, object]]]:
        return {table.name: self.rows(table) for table in metadata.sorted_tables}

    def claim(self, name: str, filed: Filed, *, desk: str = HAA) -> QueueRow:
        callback_id = self.callback(filed).id
        return self.runtime.desk.claim(desk, self.people[name], callback_id, self.clock())


@contextmanager
def world(
    tmp_path: Path, database_url: str, *, redis_url: str = "", provider: str = "http://127.0.0.1:9"
) -> Iterator[World]:
    """A new helpline for Bhutan; its engine is disposed at the end."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "channels.toml").write_text(CHANNELS.format(provider=provider))
    settings = {
        "HELPLINE_DATA": str(data),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url or f"unix://{tmp_path}/nobody.sock",
    }
    config, clock = Config.from_env(settings), HandClock()
    runtime.initialise(config)
    built = runtime.build(config, clock=clock)
    try:
        yield World(built, clock, _staff(built))
    finally:
        built.close()


def _staff(built: Runtime) -> dict[str, Officer]:
    """Pema (a woman) and Karma at Haa, where Wangmo supervises, Dorji at Paro, Sonam at Thimphu;
    all desks have phones."""
    staff = {"Pema": (True, HAA), "Karma": (False, HAA), "Dorji": (False, PARO)}
    staff |= {"Sonam": (True, THIMPHU), "Tashi": (True, "BT-WCPD-22"), "Wangmo": (True, HAA)}
    with built.record.writing() as connection:
        for name, (woman, desk) in staff.items():
            role = Role.SUPERVISOR if name == "Wangmo" else Role.OFFICER
            officers.put(connection, name, woman=woman, desks=[desk], role=role)
        for desk, phone in DUTY.items():
            desks.set_duty_phone(connection, desk, phone, "en")
    return {name: built.desk.officer(desk, name) for name, (_, desk) in staff.items()}


@contextmanager
def empty_record(database_url: str) -> Iterator[Record]:
    """A record at the newest schema that holds nothing."""
    record = Record(database_url)
    try:
        migrate.upgrade(record)
        yield record
    finally:
        record.close()


def open_for(hours: float = 1, *, start: datetime = START) -> tuple[Window, ...]:
    return (Window(start, start + timedelta(hours=hours), daily=False),)


def daily(start: datetime, hours: float) -> tuple[Window, ...]:
    return (Window(start, start + timedelta(hours=hours), daily=True),)


def report(
    *,
    about: str = "me",
    concern: str = "other",
    priority: Priority = Priority.NORMAL,
    windows: tuple[Window, ...] | None = None,
    woman: bool = False,
    desk: str = HAA,
    place: str = "BT-13",
    consented: bool = True,
    code_word: str = "",
    said: str = "",
) -> Report:
    """What somebody in Haa asks for; safe to be rung for the next hour unless said otherwise."""
    return Report(
        programme="bt",
        desk=desk,
        place=place,
        about=about,
        concern=concern,
        priority=priority,
        windows=open_for() if windows is None else windows,
        woman=woman,
        consented=consented,
        language="en",
        code_word=code_word,
        said=said,
    )


def at_once(jobs: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Runs all jobs in threads that start together; an exception stands for its result."""
    gate = Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T | Exception:
        gate.wait()
        try:
            return job()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def raw_bytes(database_url: str) -> bytes:
    """Every byte that SQLite has on disk: the database, its log and its index."""
    path = Path(make_url(database_url).database or "")
    return b"".join(found.read_bytes() for found in sorted(path.parent.glob(f"{path.name}*")))


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """The process stands still: its sockets stay open and nobody answers."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
