"""The relay and the jobs: rows are woken through Redis, done once, and done without Redis too."""

import json
import logging
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy import select

from helpline import runtime
from helpline.config import Config
from helpline.core.report import Priority, Report
from helpline.core.window import Window
from helpline.redisd import EmbeddedRedis, stop
from helpline.runtime import Runtime
from helpline.service.filing import Filed, Origin
from helpline.store import callbacks, desks, outbox
from helpline.store.callbacks import CallbackRow
from helpline.store.schema import outbox as outbox_table
from tests.gateways.provider_stub import AT_KEY, Provider, at_reply, provider
from tests.private import PRIVATE_NUMBERS, PRIVATE_WORDS, traces
from workers import jobs
from workers.queues import QUEUES, ROUTINE, URGENT, connect, queue
from workers.relay import ALONE, SWEEP, Relay

NUMBER, WORDS, DUTY = PRIVATE_NUMBERS[0], PRIVATE_WORDS[2], "+97510600013"
HAA = "BT-WCPD-13"
SECOND = timedelta(seconds=1)
CHANNELS = """
[[channel]]
name = "bt-sms"
gateway = "africastalking-sms"
programme = "bt"
address = "1098"
secrets = ["sms-path-secret-01234567890"]
account = "stub"
api_key = "{key}"
api_base = "{url}"
timeout = "5"
"""


@dataclass
class Office:
    """A record with one desk that has a duty phone, a provider, and the relay beside them."""

    parts: Runtime
    relay: Relay
    provider: Provider

    def letter(self, once: str = "mt|1", *, urgent: bool = False) -> int:
        """An MT to a caller that is due now; its row's id."""
        now = runtime.now()
        letter = json.dumps({"number": NUMBER, "text": WORDS}, ensure_ascii=False)
        posting = outbox.Posting(
            kind="mt",
            once=once,
            urgent=urgent,
            channel="bt-sms",
            due_at=now,
            valid_until=now + timedelta(minutes=15),
            created_at=now,
            sealed=self.parts.sealer.seal_session(once, letter.encode()),
        )
        with self.parts.record.writing() as connection:
            outbox.put(connection, posting)
            query = select(outbox_table.c.id).where(outbox_table.c.once == once)
            return int(connection.execute(query).scalar_one())

    def file(self, at: datetime) -> Filed:
        """An urgent report filed at `at`; safe to be rung for a day."""
        report = Report(
            programme="bt",
            desk=HAA,
            place="BT-13",
            about="me",
            concern="other",
            priority=Priority.DANGER,
            windows=(Window(at, at + timedelta(days=1), daily=False),),
            woman=False,
            consented=True,
            language="en",
        )
        with self.parts.record.writing() as connection:
            origin = Origin("bt-ussd", runtime.new_id(), NUMBER)
            return self.parts.filing.file_in(connection, origin, report, at)

    def callback(self, filed: Filed) -> CallbackRow:
        with self.parts.record.reading() as connection:
            return callbacks.of_case(connection, filed.case_id)

    def state(self, row_id: int) -> str:
        with self.parts.record.reading() as connection:
            query = select(outbox_table.c.state).where(outbox_table.c.id == row_id)
            return str(connection.execute(query).scalar_one())

    def waiting(self, name: str) -> list[Job]:
        """The jobs on a queue, the oldest first."""
        return queue(name, self.relay.redis).jobs

    def work(self, name: str) -> None:
        """A real worker does everything that is on the queue."""
        connection = Redis.from_url(runtime.redis_url(self.parts.config))
        with connection:
            SimpleWorker(
                [Queue(name, connection=connection, serializer=JSONSerializer)],
                connection=connection,
                serializer=JSONSerializer,
                log_job_description=False,
            ).work(burst=True, logging_level="WARNING")

    def told(self) -> list[tuple[str, str]]:
        """Number and text of everything that the provider was given."""
        return [(sent.one("to"), sent.one("message")) for sent in self.provider.received]


@pytest.fixture
def office(tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    with office_of(tmp_path, redis_url, monkeypatch) as running:
        yield running


@contextmanager
def office_of(tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """The jobs build their parts from the environment, as in a worker process."""
    data = tmp_path / "data"
    data.mkdir()
    monkeypatch.setenv("NO_PROXY", "*")
    for name in ("DATABASE_URL", "HELPLINE_CHANNELS", "HELPLINE_KEYS", "HELPLINE_SIMULATOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HELPLINE_DATA", str(data))
    monkeypatch.setenv("REDIS_URL", redis_url)
    root, handlers = logging.getLogger(), logging.getLogger().handlers[:]
    with provider(at_reply()) as stub:
        (data / "channels.toml").write_text(CHANNELS.format(key=AT_KEY, url=stub.url))
        runtime.initialise(Config.from_env())
        jobs.parts.cache_clear()
        parts = jobs.parts()
        root.handlers[:] = handlers  # its logging would push pytest's aside
        with parts.record.writing() as connection:
            desks.set_duty_phone(connection, HAA, DUTY, "en")
        relay = Relay(parts, connect(redis_url))
        try:
            yield Office(parts, relay, stub)
        finally:
            relay.redis.close()
            parts.close()
            jobs.parts.cache_clear()
            root.handlers[:] = handlers


class TestWaking:
    def test_a_due_row_is_woken_once_and_again_after_the_sweep(self, office: Office) -> None:
        row = office.letter()
        now = runtime.now()
        for seconds in range(5):
            assert office.relay.tick(now + seconds * SECOND) == 1
        assert [job.args for job in office.waiting(ROUTINE)] == [[row]]
        office.relay.tick(now + SWEEP - SECOND)
        assert len(office.waiting(ROUTINE)) == 1
        office.relay.tick(now + SWEEP)
        assert [job.args for job in office.waiting(ROUTINE)] == [[row], [row]]

    def test_a_second_relay_wakes_nothing_twice(self, office: Office) -> None:
        office.letter()
        now = runtime.now()
        office.relay.tick(now)
        Relay(office.parts, office.relay.redis).tick(now)
        assert len(office.waiting(ROUTINE)) == 1

    @pytest.mark.parametrize(("urgent", "name"), [(True, URGENT), (False, ROUTINE)])
    def test_urgent_rows_have_a_queue_of_their_own(
        self, office: Office, urgent: bool, name: str
    ) -> None:
        office.letter(urgent=urgent)
        office.relay.tick(runtime.now())
        assert {queued: len(office.waiting(queued)) for queued in QUEUES} == {
            queued: int(queued == name) for queued in QUEUES
        }

    def test_nothing_is_woken_when_nothing_is_due(self, office: Office) -> None:
        assert office.relay.tick(runtime.now()) == 0
        assert office.relay.redis.keys("rq:job:*") == []

    def test_a_wake_up_that_redis_lost_is_given_again(self, office: Office) -> None:
        row = office.letter()
        now = runtime.now()
        office.relay.tick(now)
        office.relay.redis.flushall()
        office.relay.tick(now + SWEEP)
        office.work(ROUTINE)
        assert office.state(row) == outbox.SENT

    def test_a_deadline_fires_with_every_worker_dead(self, office: Office) -> None:
        filed = office.file(runtime.now() - timedelta(hours=1))
        office.relay.tick(runtime.now())
        assert office.callback(filed).level == 1


def payloads(redis: "Redis") -> list[str]:
    """Every key and value in Redis, packed values unpacked."""
    readers: dict[bytes, Callable[[bytes], Any]] = {
        b"string": lambda key: [redis.get(key)],
        b"list": lambda key: redis.lrange(key, 0, -1),
        b"set": lambda key: redis.smembers(key),
        b"zset": lambda key: redis.zrange(key, 0, -1),
        b"hash": lambda key: [part for pair in redis.hgetall(key).items() for part in pair],
        b"stream": lambda key: [str(entry).encode() for entry in redis.xrange(key) or ()],
    }
    keys: Any = redis.keys("*")
    kinds: Any = [redis.type(key) for key in keys]
    values = [
        part for key, kind in zip(keys, kinds, strict=True) for part in (key, *readers[kind](key))
    ]
    return [unpacked(value).decode("utf-8", "replace") for value in values]


def unpacked(value: bytes) -> bytes:
    try:
        return zlib.decompress(value)
    except zlib.error:
        return value


class TestPayloads:
    def test_safety_20_redis_holds_ids_only(self, office: Office) -> None:
        row = office.letter()
        office.file(runtime.now() - timedelta(hours=1))
        office.relay.tick(runtime.now())
        for held in (False, True):
            if held:
                for name in QUEUES:
                    office.work(name)
            everything = " ".join(payloads(office.relay.redis))
            assert traces(everything) == []
            for content in (DUTY, HAA, AT_KEY, "sms-path-secret"):
                assert content not in everything
        assert office.state(row) == outbox.SENT

    def test_a_job_is_a_function_and_one_id_in_json(self, office: Office) -> None:
        row = office.letter()
        office.relay.tick(runtime.now())
        (job,) = office.waiting(ROUTINE)
        assert job.serializer is JSONSerializer
        assert (job.func_name, job.args, job.kwargs) == ("workers.jobs.send", [row], {})
        assert job.id == job.description
        assert job.id.startswith(f"send-{row}-0-")
        data = office.relay.redis.hget(f"rq:job:{job.id}", "data")
        assert json.loads(unpacked(data)) == ["workers.jobs.send", None, [row], {}]  # type: ignore[arg-type]
        assert (job.timeout, job.ttl, job.result_ttl, job.failure_ttl) == (60, 60, 60, 60)


class TestJobs:
    def test_safety_07_a_message_is_sent_once_however_often_it_is_woken(
        self, office: Office
    ) -> None:
        row = office.letter()
        now = runtime.now()
        for times in range(2):
            office.relay.tick(now + times * SWEEP)
        assert len(office.waiting(ROUTINE)) == 2
        office.work(ROUTINE)
        jobs.send(row)
        assert office.told() == [(NUMBER, WORDS)]
        assert office.state(row) == outbox.SENT
        assert office.relay.tick(now + 3 * SWEEP) == 0

    def test_a_deadline_hands_up_one_level_however_often_it_is_checked(
        self, office: Office
    ) -> None:
        filed = office.file(runtime.now() - timedelta(hours=1))
        callback = office.callback(filed).id
        for _ in range(3):
            office.relay.tick(runtime.now())
        row = office.callback(filed)
        assert (row.level, row.desk) == (1, "BT-WCPU-PARO")
        office.work(URGENT)
        assert sorted(office.told()) == [
            (DUTY, f"New request {callback}. Please check."),
            (DUTY, f"Request {callback} is still waiting. Please check."),
        ]

    def test_a_row_that_does_not_exist_is_no_error(self, office: Office) -> None:
        jobs.send(999)
        assert office.told() == []

    def test_what_died_while_sending_is_never_sent_again(self, office: Office) -> None:
        row = office.letter()
        now = runtime.now()
        with office.parts.record.writing() as connection:
            assert outbox.take(connection, row, now) is not None
        office.relay.sweep(now + outbox.STUCK - SECOND)
        assert office.state(row) == outbox.SENDING
        office.relay.sweep(now + outbox.STUCK + SECOND)
        assert office.state(row) == outbox.UNKNOWN
        assert office.relay.tick(now + outbox.STUCK + SECOND) == 0
        jobs.send(row)
        assert office.told() == []


class TestWithoutRedis:
    def test_after_a_minute_the_relay_does_the_rows_itself(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server = EmbeddedRedis(tmp_path / "redis")
        process = server.start()
        try:
            with office_of(tmp_path, server.url, monkeypatch) as office:
                now = runtime.now()
                office.relay.tick(now)
                stop(process)
                row = office.letter()
                for seconds in (1, 30, 58):
                    office.relay.tick(now + seconds * SECOND)
                    assert office.state(row) == outbox.PENDING
                assert ALONE == 60 * SECOND
                office.relay.tick(now + ALONE + 5 * SECOND)
                assert office.state(row) == outbox.SENT
                assert office.told() == [(NUMBER, WORDS)]

                process = server.start()  # and when it is back, workers are woken again
                later = office.letter("mt|2")
                office.relay.tick(runtime.now())
                assert office.state(later) == outbox.PENDING
                assert [job.args for job in office.waiting(ROUTINE)] == [[later]]
        finally:
            stop(process)

    def test_a_redis_that_was_never_there_does_not_stop_the_relay(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with office_of(tmp_path, f"unix://{tmp_path}/nobody.sock", monkeypatch) as office:
            now = runtime.now()
            filed = office.file(now - timedelta(hours=1))
            office.relay.tick(now)
            office.relay.tick(now + ALONE)
            assert office.callback(filed).level == 1
            assert (
                DUTY,
                f"New request {office.callback(filed).id}. Please check.",
            ) in office.told()

    def test_a_row_that_somebody_else_has_does_not_hold_up_the_others(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with office_of(tmp_path, f"unix://{tmp_path}/nobody.sock", monkeypatch) as office:
            now = runtime.now()
            rows = [office.letter(f"mt|{count}") for count in range(3)]
            with office.parts.record.writing() as connection:
                taken = outbox.take(connection, rows[0], runtime.now())
            assert taken is not None  # somebody else has it
            office.relay.tick(now)
            office.relay.tick(now + ALONE + 5 * SECOND)
            states = [office.state(row) for row in rows]
            assert states == [outbox.SENDING, outbox.SENT, outbox.SENT]
