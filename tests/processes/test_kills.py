"""kill -9 of web, worker, relay and Redis between any two steps: nothing confirmed is lost.

Real processes, real HTTP, a real wipe of Redis; `HELPLINE_KILLS` makes it longer (scripts/chaos).
"""

import os
import re
import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.processes.stack import Stack, running, until

KILLS = int(os.environ.get("HELPLINE_KILLS", "12"))
VICTIMS = ("web", "redis", "relay", "urgent", "routine")
# What each question begins with and the key that answers it: violence at home, in Thimphu.
ANSWERS = {
    "ཉེན་ཁ Danger": "3",
    "In danger now?": "1",
    "Who needs help?": "1",
    "Is anyone in danger now?": "2",
    "When is it safe to call you?": "1",
    "We will call you. What is happening?": "1",
    "Where is help needed?": "1",
    "In which district": "5",
    "Who should call you?": "2",
    "May the desk tell others": "1",
    "Type a secret word.": "1",
}
STEPS = len(ANSWERS)
WINDOW = list(ANSWERS).index("When is it safe to call you?") + 1  # its answer files the callback
START_AGAIN = {"What do you want to know?": "00"}
DESK = "BT-WCPD-15"
PROMISED = "We will call you"
CODE = re.compile(r"\d{4}-\d{4}")

pytestmark = pytest.mark.timeout(160 + 20 * KILLS)


@dataclass
class Caller:
    """Reads each screen and presses its key, on the phone of a gateway that sends the history.

    Asked the last question again, after its session was lost, she presses the key again.
    """

    stack: Stack
    session: str
    phone: str
    history: str = ""
    answer: str = ""

    def dial(self) -> None:
        self.answer = self.stack.dial(self.session, self.phone, self.history)

    def again(self) -> str:
        """The same request once more."""
        return self.stack.dial(self.session, self.phone, self.history)

    def press(self) -> None:
        key = self.key()
        self.history = f"{self.history}*{key}" if self.history else key

    def key(self) -> str:
        said = self.answer.partition(" ")[2]
        known = {**ANSWERS, **START_AGAIN}
        (key,) = [key for prompt, key in known.items() if said.startswith(prompt)]
        return key

    @property
    def ended(self) -> bool:
        return self.answer.startswith("END ")

    def finish(self) -> str:
        """Answers what is still asked; the request number."""
        for _ in range(STEPS + 2):
            if self.ended:
                break
            self.press()
            self.dial()
        found = CODE.search(self.answer)
        assert found, self.answer
        return found.group()


def report(stack: Stack, number: int, victim: str, before: int, *, hangs_up: bool) -> str:
    """One request by a caller, with `victim` killed before the step `before`; its number.

    At the window step, which files the callback, the kill happens while the turn is under way.
    Who `hangs_up` does so on reading that she will be called, and is told no number.
    """
    caller = Caller(stack, f"kill-{number}", f"+9751000{number:04}")
    for step in range(WINDOW + 1):
        if step:
            caller.press()
        if step == before == WINDOW:
            killer = threading.Thread(target=stack.kill, args=(victim,))
            killer.start()
            caller.dial()
            killer.join()
            assert caller.again() == caller.answer
        else:
            if step == before:
                stack.kill(victim)
            caller.dial()
    while PROMISED not in caller.answer:  # one more for each question that was asked again
        assert caller.history.count("*") < WINDOW + 4, (victim, before, caller.answer)
        caller.press()
        caller.dial()
    if hangs_up:
        return ""
    for step in range(WINDOW + 1, STEPS + 1):
        if step == before:
            stack.kill(victim)
        caller.press()
        caller.dial()
    code = caller.finish()
    assert caller.again() == caller.answer
    return code


def nudges(data: Path) -> list[tuple[int, str]]:
    """(callback, state) of every text to a duty phone, read from the record itself.

    One that waited for a desk which the caller's answer replaced was called off: `expired`.
    """
    with sqlite3.connect(f"file:{data / 'helpline.sqlite3'}?mode=ro", uri=True) as record:
        rows = record.execute("SELECT callback_id, state FROM outbox WHERE kind = 'nudge'")
        return [(int(callback), str(state)) for callback, state in rows if state != "expired"]


def test_no_confirmed_report_is_lost_and_no_callback_is_doubled(tmp_path: Path) -> None:
    with running(tmp_path / "data") as stack:
        codes = [
            report(
                stack,
                number,
                VICTIMS[number % len(VICTIMS)],
                number * 5 % (STEPS + 1),
                hangs_up=number % 4 == 1,
            )
            for number in range(KILLS)
        ]
        finished = [code for code in codes if code]
        rows = stack.helpline("callbacks", "list")
        assert len(rows) == len({row["case_code"] for row in rows}) == KILLS
        told = [row for row in rows if row["desk"] == DESK]
        assert sorted(row["case_code"] for row in told) == sorted(finished)
        assert {(row["state"], row["priority"]) for row in rows} == {("ready", "high")}

        # A worker killed while sending leaves `unknown` after two minutes; it is not sent twice.
        # A wake-up that died with its worker is given again after 30 s, or run by the relay at 60.
        until("the desk was told", lambda: handed_over(stack.data, told), patience=100)
        texts = [callback for callback, _ in nudges(stack.data)]
        assert sorted(texts) == sorted(row["id"] for row in rows)  # one for each, due or sent


def handed_over(data: Path, rows: list[dict[str, object]]) -> bool:
    waiting = {callback for callback, state in nudges(data) if state == "pending"}
    return not waiting & {row["id"] for row in rows}


def test_a_finished_report_is_on_the_queue_within_two_seconds(tmp_path: Path) -> None:
    with running(tmp_path / "data") as stack:
        caller = Caller(stack, "fast", "+97510009999")
        caller.dial()
        code = caller.finish()
        rows = stack.helpline("callbacks", "list", "--desk", DESK)
        assert [row["case_code"] for row in rows] == [code]
        claimed = stack.helpline("callbacks", "claim", "--desk", DESK)
        assert (claimed["state"], claimed["lease_holder"]) == ("claimed", "bt-officer-one")
        stack.helpline("callbacks", "attempt", "--desk", DESK)
        closed = stack.helpline("callbacks", "close", "--desk", DESK)
        assert closed["state"] == "closed"
