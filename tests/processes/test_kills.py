"""kill -9 of web, worker, relay and Redis between any two steps: nothing confirmed is lost.

Real processes, real HTTP, a real wipe of Redis; `HELPLINE_KILLS` makes it longer (scripts/chaos).
"""

import os
import re
import sqlite3
import threading
from pathlib import Path

import pytest

from tests.processes.stack import Stack, running, until

KILLS = int(os.environ.get("HELPLINE_KILLS", "22"))
VICTIMS = ("web", "redis", "relay", "urgent", "routine")
# English, get help, me, no danger, violence at home, west, Thimphu, now, anyone, I agree.
STEPS = ("3", "1", "1", "2", "1", "1", "5", "1", "1", "1")
DESK = "BT-WCPD-15"
CODE = re.compile(r"\d{4}-\d{4}")

pytestmark = pytest.mark.timeout(160 + 20 * KILLS)


def report(stack: Stack, number: int, victim: str, before: int) -> str:
    """One whole report by a caller, with `victim` killed before the step `before`.

    The last step is the consent that files the report: there the kill happens while the turn is
    under way.
    """
    session, phone = f"kill-{number}", f"+9751000{number:04}"
    answer = ""
    for step in range(len(STEPS) + 1):
        text = "*".join(STEPS[:step])
        if step == before == len(STEPS):
            killer = threading.Thread(target=stack.kill, args=(victim,))
            killer.start()
            answer = stack.dial(session, phone, text)
            killer.join()
            assert stack.dial(session, phone, text) == answer
        else:
            if step == before:
                stack.kill(victim)
            answer = stack.dial(session, phone, text)
        assert answer.startswith("END " if step == len(STEPS) else "CON "), (victim, before, answer)
    found = CODE.search(answer)
    assert found, answer
    return found.group()


def nudges(data: Path) -> list[tuple[int, str]]:
    """(callback, state) of every text to a duty phone, read from the record itself."""
    with sqlite3.connect(f"file:{data / 'helpline.sqlite3'}?mode=ro", uri=True) as record:
        rows = record.execute("SELECT callback_id, state FROM outbox WHERE kind = 'nudge'")
        return [(int(callback), str(state)) for callback, state in rows]


def test_no_confirmed_report_is_lost_and_no_callback_is_doubled(tmp_path: Path) -> None:
    with running(tmp_path / "data") as stack:
        confirmed = [
            report(stack, number, VICTIMS[number % len(VICTIMS)], number * 3 % (len(STEPS) + 1))
            for number in range(KILLS)
        ]
        rows = stack.helpline("callbacks", "list", "--desk", DESK)
        assert sorted(row["case_code"] for row in rows) == sorted(confirmed)
        assert len(set(confirmed)) == KILLS

        # A worker killed while sending leaves `unknown` after two minutes; it is not sent twice.
        # A wake-up that died with its worker is given again after 30 s, or run by the relay at 60.
        sent = until("the desk was told", lambda: told_or_sending(stack.data), patience=100)
        assert sorted(callback for callback, _ in sent) == sorted(row["id"] for row in rows)


def told_or_sending(data: Path) -> list[tuple[int, str]] | None:
    found = nudges(data)
    pending = [state for _, state in found if state == "pending"]
    return found if len(found) == KILLS and not pending else None


def test_a_finished_report_is_on_the_queue_within_two_seconds(tmp_path: Path) -> None:
    with running(tmp_path / "data") as stack:
        stack.dial("fast", "+97510009999", "*".join(STEPS[:-1]))
        answer = stack.dial("fast", "+97510009999", "*".join(STEPS))
        rows = stack.helpline("callbacks", "list", "--desk", DESK)
        found = CODE.search(answer)
        assert found
        assert [row["case_code"] for row in rows] == [found.group()]
        claimed = stack.helpline("callbacks", "claim", "--desk", DESK)
        assert (claimed["state"], claimed["lease_holder"]) == ("claimed", "bt-officer-one")
        stack.helpline("callbacks", "attempt", "--desk", DESK)
        closed = stack.helpline("callbacks", "close", "--desk", DESK)
        assert closed["state"] == "closed"
