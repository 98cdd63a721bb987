"""Delivery against a real HTTP server: at most once to a phone, and its fate is written down."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from helpline.catalogue import voices
from helpline.core.label import Text
from helpline.core.message import Receipt, ReceiptState
from helpline.core.neutral import telling
from helpline.core.report import Priority
from helpline.core.text import segments
from helpline.service.deliver import BACKOFF
from helpline.service.nudges import WORDS
from helpline.store import desks, outbox
from helpline.store.outbox import Posting
from helpline.store.record import Record
from helpline.store.schema import outbox as table
from tests.gateways.provider_stub import Provider, at_reply, nobody_listens, provider
from tests.world import DUTY, HAA, HOUR, NUMBER, START, THIMPHU, World, at_once, report, world

LANGUAGES = ("en", "dz", "dz_Latn", "ur", "ur_Latn", "km")
WORDS_SENT = "Who needs help?"


@dataclass
class Post:
    here: World
    stub: Provider

    def letter(self, *, once: str = "mt|bt-sms|1", channel: str = "bt-sms") -> int:
        """Puts one answer to a caller; gives its row id."""
        content = json.dumps({"number": NUMBER, "text": WORDS_SENT})
        sealed = self.here.runtime.sealer.seal_session(once, content.encode())
        now = self.here.clock()
        posting = Posting("mt", once, False, channel, now, now + HOUR, now, sealed=sealed)
        with self.here.record.writing() as connection:
            assert outbox.put(connection, posting)
        return int(str(self.here.rows(table)[-1]["id"]))

    def do(self, row_id: int) -> str:
        return self.here.runtime.delivery.do(row_id)

    def row(self, row_id: int) -> dict[str, object]:
        return next(row for row in self.here.rows(table) if row["id"] == row_id)

    def sent(self) -> list[tuple[str, str]]:
        return [(one.one("to"), one.one("message")) for one in self.stub.received]


@pytest.fixture
def post(tmp_path: Path, database_url: str) -> Iterator[Post]:
    with (
        provider(at_reply()) as stub,
        world(tmp_path, database_url, provider=stub.url) as here,
    ):
        yield Post(here, stub)


class TestOnce:
    def test_a_letter_is_sent_and_its_content_erased(self, post: Post) -> None:
        row_id = post.letter()
        assert post.do(row_id) == outbox.SENT
        assert post.sent() == [(NUMBER, WORDS_SENT)]
        row = post.row(row_id)
        assert (row["state"], row["provider_id"], row["sealed"]) == ("sent", "ATXid_1", None)

    def test_doing_it_again_sends_nothing(self, post: Post) -> None:
        row_id = post.letter()
        post.do(row_id)
        assert [post.do(row_id) for _ in range(3)] == [""] * 3
        assert len(post.sent()) == 1

    def test_ten_threads_send_it_once(self, post: Post) -> None:
        row_id = post.letter()
        results = at_once([partial(post.do, row_id)] * 10)
        assert sorted(map(str, results)) == [""] * 9 + [outbox.SENT]
        assert len(post.sent()) == 1

    def test_a_row_that_does_not_exist_is_nobodys(self, post: Post) -> None:
        assert post.do(404) == ""

    def test_safety_07_a_worker_that_died_while_sending_leaves_it_unsent(self, post: Post) -> None:
        row_id = post.letter()
        with post.here.record.writing() as connection:
            assert outbox.take(connection, row_id, post.here.clock())  # and then it died
        post.here.clock.move(outbox.STUCK)
        assert post.do(row_id) == ""
        with post.here.record.writing() as connection:
            assert outbox.give_up_stuck(connection, post.here.clock()) == 1
        assert post.do(row_id) == ""
        assert post.row(row_id)["state"] == outbox.UNKNOWN
        assert post.sent() == []


class TestFailures:
    def test_a_busy_provider_is_tried_again_later_and_then_succeeds(self, post: Post) -> None:
        row_id = post.letter()
        post.stub.reply = at_reply(500)
        assert post.do(row_id) == outbox.PENDING
        assert post.do(row_id) == ""  # not before its time
        post.stub.reply = at_reply()
        post.here.clock.move(BACKOFF[0])
        assert post.do(row_id) == outbox.SENT
        assert len(post.sent()) == 2

    def test_the_waiting_grows(self, post: Post) -> None:
        row_id = post.letter()
        post.stub.reply = at_reply(500)
        waits = []
        for _ in range(5):
            assert post.do(row_id) == outbox.PENDING
            due = post.row(row_id)["due_at"]
            waits.append(due - post.here.clock())  # type: ignore[operator]
            post.here.clock.move(waits[-1])
        assert waits == [*BACKOFF, BACKOFF[-1], BACKOFF[-1]]

    def test_a_provider_that_is_not_there_is_tried_again(
        self, tmp_path: Path, database_url: str
    ) -> None:
        with (
            provider(at_reply()) as stub,
            world(tmp_path, database_url, provider=nobody_listens()) as here,
        ):
            post = Post(here, stub)
            assert post.do(post.letter()) == outbox.PENDING
            assert post.sent() == []

    @pytest.mark.parametrize("code", [401, 403, 405, 406, 502])
    def test_a_final_refusal_is_not_tried_again(self, post: Post, code: int) -> None:
        row_id = post.letter()
        post.stub.reply = at_reply(code)
        assert post.do(row_id) == outbox.FAILED
        post.here.clock.move(timedelta(minutes=30))
        assert post.do(row_id) == ""
        assert post.row(row_id)["sealed"] is None
        assert len(post.sent()) == 1

    def test_an_answer_that_never_came_is_final_because_it_may_have_been_sent(
        self, post: Post
    ) -> None:
        row_id = post.letter()
        post.stub.manner = "drop"
        assert post.do(row_id) == outbox.FAILED
        post.here.clock.move(timedelta(minutes=30))
        assert post.do(row_id) == ""
        assert len(post.sent()) == 1

    def test_safety_07_an_expired_letter_is_not_sent(self, post: Post) -> None:
        row_id = post.letter()
        post.here.clock.move(HOUR)
        assert post.do(row_id) == outbox.EXPIRED
        assert post.row(row_id)["sealed"] is None
        assert post.sent() == []

    def test_a_letter_that_no_key_opens_is_given_up(self, post: Post) -> None:
        row_id = post.letter()
        with post.here.record.engine.begin() as connection:
            connection.execute(text("UPDATE outbox SET once = 'mt|bt-sms|2'"))
        assert post.do(row_id) == outbox.FAILED
        assert post.sent() == []

    @pytest.mark.parametrize("channel", ["bt-ussd", "gone"])
    def test_a_channel_that_cannot_send_is_given_up(self, post: Post, channel: str) -> None:
        assert post.do(post.letter(channel=channel)) == outbox.FAILED


class TestNudges:
    def nudge(self, post: Post, priority: Priority = Priority.NORMAL) -> tuple[str, int]:
        """A filed report's nudge, at the moment when it is due; gives the case code and its row."""
        code = post.here.file(report(priority=priority)).code
        row = post.here.rows(table)[-1]
        post.here.clock.now = row["due_at"]  # type: ignore[assignment]
        return code, int(str(row["id"]))

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_safety_05_a_nudge_is_neutral_and_holds_nothing_of_the_case(
        self, post: Post, language: str
    ) -> None:
        with post.here.record.writing() as connection:
            desks.set_duty_phone(connection, HAA, DUTY[HAA], language)
        code, row_id = self.nudge(post)
        assert post.do(row_id) == outbox.SENT
        ((to, words),) = post.sent()
        assert to == DUTY[HAA]
        assert telling(words, language) == []
        assert [w for w in (code, code.replace("-", ""), NUMBER[1:], "BT-") if w in words] == []

    def test_it_is_not_sent_while_the_caller_may_still_say_where(self, post: Post) -> None:
        _, row_id = self.nudge(post)
        due = post.here.clock()
        post.here.clock.now = due - timedelta(microseconds=1)
        assert post.do(row_id) == ""
        post.here.clock.now = due
        assert post.do(row_id) == outbox.SENT

    def test_once_the_place_is_told_only_the_desk_there_is_rung(self, post: Post) -> None:
        here = post.here
        filed = here.file(report(desk=THIMPHU, place="BT"))
        here.tell(filed, report())
        here.clock.move(HOUR)
        assert [post.do(int(str(row["id"]))) for row in here.rows(table)] == ["", outbox.SENT]
        assert [to for to, _ in post.sent()] == [DUTY[HAA]]

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("kind", sorted(WORDS))
    def test_safety_05_every_nudge_fits_one_segment(self, language: str, kind: str) -> None:
        words = voices()[language].say(Text(WORDS[kind], {"ref": "1234567"}))
        assert "1234567" in words
        assert telling(words, language) == []
        assert len(segments(words)) == 1

    def test_nobody_is_told_any_more_when_the_desk_has_no_phone(self, post: Post) -> None:
        _, row_id = self.nudge(post)
        with post.here.record.writing() as connection:
            desks.set_duty_phone(connection, HAA, "", "en")
        assert post.do(row_id) == outbox.FAILED
        assert post.sent() == []

    def test_a_language_that_nobody_speaks_does_not_silence_the_desk(self, post: Post) -> None:
        with post.here.record.writing() as connection:
            desks.set_duty_phone(connection, HAA, DUTY[HAA], "xx")
        _, row_id = self.nudge(post)
        assert post.do(row_id) == outbox.SENT

    def test_urgent_rows_are_due_before_letters(self, post: Post) -> None:
        letter = post.letter()
        _, row_id = self.nudge(post)
        with post.here.record.reading() as connection:
            due = [row.id for row in outbox.due(connection, post.here.clock())]
        assert due == [row_id, letter]


class TestReceipts:
    def test_they_only_move_forward(self, post: Post) -> None:
        row_id = post.letter()
        post.do(row_id)
        seen = []
        for state in (ReceiptState.SENT, ReceiptState.DELIVERED, ReceiptState.FAILED):
            with post.here.record.writing() as connection:
                receipt = Receipt("ATXid_1", state, state.name)
                outbox.record_receipt(connection, "bt-sms", receipt)
            seen.append(post.row(row_id)["receipt_raw"])
        assert seen == ["SENT", "DELIVERED", "DELIVERED"]


def test_a_record_that_is_away_sends_nothing(tmp_path: Path, database_url: str) -> None:
    with provider(at_reply()) as stub, world(tmp_path, database_url, provider=stub.url) as here:
        post = Post(here, stub)
        row_id = post.letter()
        with closing(Record(f"sqlite:///{tmp_path / 'none' / 'x.db'}")) as away:
            delivery = replace(here.runtime.delivery, record=away)
            with pytest.raises(Exception, match="OperationalError"):
                delivery.do(row_id)
        assert stub.received == []
        assert here.clock() == START
