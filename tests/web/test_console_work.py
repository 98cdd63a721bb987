"""Working a queue in the console, over HTTP: what goes wrong, and what the officer is told."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta

import httpx2
import pytest

from helpline import runtime
from helpline.core.access import Role
from helpline.core.callback import Attempted, State
from helpline.core.report import Priority
from helpline.service.filing import Origin
from helpline.service.notes import Notes
from helpline.store import callbacks, cases, officers
from helpline.store.callbacks import CallbackRow
from tests.servers import wait_until
from tests.web.desk import Browser, enrol, signed_in, words
from tests.web.site import Site
from tests.world import HAA, PARO, daily, open_for, report

MINUTE = timedelta(minutes=1)
NUMBERS = iter(range(100))


@dataclass
class Desk:
    """Pema works at Haa, Karma beside her; Wangmo supervises; Dorji works at Paro."""

    site: Site
    pema: Browser
    karma: Browser
    wangmo: Browser
    dorji: Browser

    def file(self, **asked: object) -> int:
        """A request of a new number whose safe time has begun, and the id of its callback."""
        now = runtime.now()
        windows = asked.pop("windows", open_for(2, start=now - MINUTE))
        made = report(windows=windows, **asked)  # type: ignore[arg-type]
        number = f"+975106200{next(NUMBERS):02d}"
        parts = self.site.parts
        with parts.record.writing() as connection:
            origin = Origin("bt-ussd", runtime.new_id(), number)
            filed = parts.filing.file_in(connection, origin, made, now)
            return callbacks.of_case(connection, filed.case_id).id

    def row(self, number: int) -> CallbackRow:
        with self.site.parts.record.reading() as connection:
            row = callbacks.get(connection, number)
        assert row is not None
        return row

    def change(self, number: int, **values: object) -> None:
        """The record as it would be later."""
        with self.site.parts.record.writing() as connection:
            callbacks.save(connection, replace(self.row(number), **values))  # type: ignore[arg-type]

    def notes(self, number: int) -> list[str]:
        parts = self.site.parts
        with parts.record.reading() as connection:
            case = cases.get(connection, self.row(number).case_id)
        return [note["text"] for note in Notes(parts.sealer).read(case)]


@pytest.fixture(scope="module")
def desk(shared_site: Site) -> Iterator[Desk]:
    with ExitStack() as open_browsers:
        people = {
            "Pema": (HAA, Role.OFFICER),
            "Karma": (HAA, Role.OFFICER),
            "Wangmo": (HAA, Role.SUPERVISOR),
            "Dorji": (PARO, Role.OFFICER),
        }
        browsers = {
            name: open_browsers.enter_context(
                signed_in(shared_site, enrol(shared_site.parts, f"{name} at work", at, role=role))
            )
            for name, (at, role) in people.items()
        }
        yield Desk(shared_site, *browsers.values())


def at(number: int, form: str = "", desk: str = HAA) -> str:
    path = f"/console/desk/{desk}/callback/{number}"
    return f"{path}/{form}" if form else path


def problem(answer: httpx2.Response) -> str:
    found = re.search(r'<p class="problem" role="alert">(.*?)</p>', answer.text, re.S)
    return words(found[1]).strip() if found else ""


def taken(desk: Desk, number: int, *, ringing: bool = False) -> str:
    """Pema's claim; the number of it, as her forms carry it."""
    assert desk.pema.post(at(number, "claim")).status_code == 303
    fence = str(desk.row(number).fence)
    if ringing:
        assert desk.pema.post(at(number, "attempt"), fence=fence).status_code == 200
    return fence


NOTE = {"note_id": "ab" * 16, "note": "Her sister knows."}


class TestTwoOfficers:
    def test_of_two_hundred_claims_at_once_one_wins_and_the_others_are_told_who(
        self, desk: Desk
    ) -> None:
        number = desk.file()
        crowd = [desk.pema, desk.karma] * 100

        def claim(browser: Browser) -> tuple[int, str]:
            answer = browser.post(at(number, "claim"))
            return answer.status_code, problem(answer)

        with ThreadPoolExecutor(20) as pool:
            said = list(pool.map(claim, crowd))
        row = desk.row(number)
        with desk.site.parts.record.reading() as connection:
            winner = officers.names(connection)[row.lease_officer or 0]
        assert row.fence == 1
        lost = [words_ for status, words_ in said if status == 409]
        assert set(lost) == {f"Callback {number} is with {winner} now."}
        assert len(lost) == 100  # the winner's own other claims are hers already

    def test_who_has_it_stands_in_the_queue(self, desk: Desk) -> None:
        number = desk.file()
        taken(desk, number)
        page = desk.karma.page(f"/console/desk/{HAA}")
        line = page[page.index(f"/callback/{number}") :].partition("</li>")[0]
        assert "Pema at work" in line
        assert "/claim" not in line


class TestALeaseThatEnded:
    def test_the_form_is_kept_nothing_is_overwritten_and_she_is_told(self, desk: Desk) -> None:
        number = desk.file()
        fence = taken(desk, number, ringing=True)
        desk.change(number, lease_until=runtime.now() - MINUTE)  # an hour without a word
        desk.site.parts.escalation.settle(runtime.now())
        before = desk.row(number)
        answer = desk.pema.post(at(number, "outcome"), fence=fence, outcome="busy", **NOTE)
        assert answer.status_code == 409
        assert problem(answer)
        assert desk.row(number) == before
        assert NOTE["note"] in answer.text
        assert NOTE["note_id"] in answer.text
        kept = desk.pema.post(at(number, "note"), **NOTE)
        assert kept.status_code == 303
        assert desk.notes(number) == [NOTE["note"]]

    def test_a_note_that_is_too_long_keeps_the_outcome_back_and_the_words(self, desk: Desk) -> None:
        """Both are written down or neither: nothing typed is lost."""
        number = desk.file()
        fence = taken(desk, number, ringing=True)
        long = {"note_id": "cd" * 16, "note": "x" * 2100}
        answer = desk.pema.post(at(number, "outcome"), fence=fence, outcome="busy", **long)
        assert answer.status_code == 409
        assert "1 to 2000 letters" in problem(answer)
        assert long["note"] in answer.text
        assert desk.row(number).state is State.ATTEMPTING
        assert desk.notes(number) == []

    def test_an_older_claim_of_the_same_officer_cannot_act(self, desk: Desk) -> None:
        number = desk.file()
        old = taken(desk, number)
        desk.pema.post(at(number, "release"), fence=old)
        taken(desk, number)
        answer = desk.pema.post(at(number, "attempt"), fence=old)
        assert problem(answer) == f"Your claim of callback {number} is over; claim it again."
        assert "tel:" not in answer.text

    def test_somebody_who_types_keeps_it(self, desk: Desk) -> None:
        number = desk.file()
        fence = taken(desk, number)
        desk.change(number, lease_until=runtime.now() + MINUTE)
        assert desk.pema.post(at(number, "renew"), fence=fence).status_code == 204
        until = desk.row(number).lease_until
        assert until is not None
        assert until > runtime.now() + 10 * MINUTE
        assert desk.karma.post(at(number, "renew"), fence=fence).status_code == 409


class TestASessionThatEnded:
    def test_in_the_middle_of_an_act_nothing_is_done(self, desk: Desk) -> None:
        number = desk.file()
        person = enrol(desk.site.parts, "Ended at work", HAA)
        with signed_in(desk.site, person) as browser:
            parts = desk.site.parts
            with parts.record.writing() as connection:
                parts.visits.end_all(connection, person, "ended", runtime.now())
            answer = browser.post(at(number, "claim"))
            assert (answer.status_code, answer.headers["location"]) == (
                303,
                "/console/sign-in?over=1",
            )
            assert desk.row(number).state is State.READY
            part = browser.client.get(
                f"{browser.base}/console/desk/{HAA}/queue", headers={"hx-request": "true"}
            )
            assert part.status_code == 401
            assert part.headers["hx-redirect"] == "/console/sign-in"

    def test_a_disabled_officer_is_out_at_once(self, desk: Desk) -> None:
        number = desk.file()
        person = enrol(desk.site.parts, "Disabled at work", HAA)
        with signed_in(desk.site, person) as browser:
            with desk.site.parts.record.writing() as connection:
                officers.set_active(connection, person.id, False)
            answer = browser.post(at(number, "claim"))
            assert answer.status_code == 303
            assert "sign-in" in answer.headers["location"]
        assert desk.row(number).state is State.READY

    def test_a_membership_that_ended_counts_at_once(self, desk: Desk) -> None:
        person = enrol(desk.site.parts, "Moved at work", HAA)
        with signed_in(desk.site, person) as browser:
            with desk.site.parts.record.writing() as connection:
                officers.set_desks(connection, person.id, [PARO])
            assert browser.get(f"/console/desk/{HAA}").status_code == 403
            assert browser.get(f"/console/desk/{PARO}").status_code == 200


class TestTheSameAgain:
    def test_a_form_sent_twice_does_it_once(self, desk: Desk) -> None:
        number = desk.file()
        fence = taken(desk, number, ringing=True)
        fields = {"fence": fence, "outcome": "reached_safe", **NOTE}
        assert desk.pema.post(at(number, "outcome"), **fields).status_code == 303
        again = desk.pema.post(at(number, "outcome"), **fields)
        assert again.status_code == 409
        assert "No attempt is going on" in problem(again)
        assert desk.notes(number) == [NOTE["note"]]
        assert desk.row(number).attempts == 1

    def test_a_note_sent_twice_is_one_note(self, desk: Desk) -> None:
        number = desk.file()
        for _ in range(2):
            assert desk.pema.post(at(number, "note"), **NOTE).status_code == 303
        assert desk.notes(number) == [NOTE["note"]]

    def test_the_back_button_shows_no_number(self, desk: Desk) -> None:
        """The answer that held it may not be kept, and the page itself never holds it."""
        number = desk.file()
        fence = taken(desk, number)
        shown = desk.pema.post(at(number, "attempt"), fence=fence)
        assert "tel:+97510" in shown.text
        assert shown.headers["cache-control"] == "no-store"
        assert "tel:" not in desk.pema.page(at(number))


class TestOtherDesks:
    @pytest.mark.parametrize("form", ["", "claim", "attempt", "story", "note", "close"])
    def test_safety_23_an_address_of_another_desks_case_opens_nothing(
        self, desk: Desk, form: str
    ) -> None:
        number = desk.file()
        ours, theirs = at(number, form, HAA), at(number, form, PARO)
        fields = {"fence": "0", "reason": "callback", "outcome": "advised", **NOTE}
        for path, status in ((ours, 403), (theirs, 409)):
            answer = desk.dorji.post(path, **fields) if form else desk.dorji.get(path)
            assert answer.status_code == status
            assert "tel:" not in answer.text
        assert desk.row(number).state is State.READY

    def test_a_request_number_is_found_at_ones_own_desk_only(self, desk: Desk) -> None:
        number = desk.file()
        with desk.site.parts.record.reading() as connection:
            code = cases.get(connection, desk.row(number).case_id).code
        found = desk.pema.post(f"/console/desk/{HAA}/find", code=code.replace("-", ""))
        assert found.headers["location"] == at(number)
        other = desk.dorji.post(f"/console/desk/{PARO}/find", code=code)
        assert other.status_code == 409
        assert problem(other).endswith(f"has no case {code}.")
        wrong = desk.pema.post(f"/console/desk/{HAA}/find", code="1234")
        assert "eight digits" in problem(wrong)


class TestTheWindow:
    def test_safety_02_outside_it_there_is_no_button_and_no_number(self, desk: Desk) -> None:
        number = desk.file(windows=daily(runtime.now() - MINUTE, 1))
        fence = taken(desk, number)
        desk.change(number, windows=daily(runtime.now() + timedelta(hours=3), 1))
        page = desk.pema.page(at(number))
        assert "/attempt" not in page
        assert "The number is not shown now." in words(page)
        answer = desk.pema.post(at(number, "attempt"), fence=fence)
        assert answer.status_code == 409
        assert "tel:" not in answer.text

    def test_a_clock_set_back_one_hour_opens_nothing(self, desk: Desk) -> None:
        """What was safe from now on was not safe an hour ago."""
        number = desk.file()
        fence = taken(desk, number)
        parts, pema = desk.site.parts, desk.pema.officer
        earlier = runtime.now() - timedelta(hours=1)
        with pytest.raises(Exception, match="outside its safe time"):
            parts.desk.attempt(HAA, pema, number, int(fence), earlier)
        row = desk.row(number)
        assert (row.state, row.lease_officer) == (State.CLAIMED, pema.id)


class TestBadForms:
    @pytest.mark.parametrize(
        ("form", "fields"),
        [
            ("attempt", {"fence": "x"}),
            ("attempt", {}),
            ("outcome", {"fence": "1", "outcome": "delighted", **NOTE}),
            ("outcome", {"fence": "1", "outcome": "busy", "note_id": "../etc", "note": "a"}),
            ("close", {"fence": "1", "outcome": "advised", "age": "old"}),
            ("note", {"note_id": "ab" * 16, "note": "x" * 2001}),
            ("claim", {"token": ""}),
        ],
    )
    def test_get_a_sentence_and_change_nothing(
        self, desk: Desk, form: str, fields: dict[str, str]
    ) -> None:
        number = desk.file()
        before = desk.row(number)
        answer = desk.pema.post(at(number, form), **fields)
        assert answer.status_code in (400, 409)
        assert problem(answer)
        assert desk.row(number) == before

    def test_a_body_that_is_too_large_is_refused(self, desk: Desk) -> None:
        number = desk.file()
        answer = desk.pema.post(at(number, "note"), note_id="ab" * 16, note="x" * 40_000)
        assert answer.status_code == 413
        assert "too long" in problem(answer)


class TestDecisions:
    def test_only_a_supervisor_decides_about_a_review(self, desk: Desk) -> None:
        number = desk.file()
        fence = taken(desk, number, ringing=True)
        desk.pema.post(at(number, "outcome"), fence=fence, outcome="number_invalid", **NOTE)
        assert desk.row(number).state is State.REVIEW
        assert "/decide" not in desk.pema.page(at(number))
        assert desk.pema.post(at(number, "decide"), do="reopen").status_code == 403
        assert "/decide" in desk.wangmo.page(at(number))
        assert desk.wangmo.post(at(number, "decide"), do="reopen").status_code == 303
        assert desk.row(number).state is State.READY

    def test_a_supervisor_gives_it_to_another_desk(self, desk: Desk) -> None:
        number = desk.file()
        assert desk.pema.post(at(number, "pass-on"), to=PARO).status_code == 403
        assert desk.wangmo.post(at(number, "pass-on"), to="KH-CPU").status_code == 409
        assert desk.wangmo.post(at(number, "pass-on"), to=PARO).status_code == 303
        assert desk.dorji.get(at(number, desk=PARO)).status_code == 200

    def test_a_woman_was_asked_for(self, desk: Desk) -> None:
        number = desk.file(woman=True)
        man = enrol(desk.site.parts, "Tenzin at work", HAA)
        with desk.site.parts.record.writing() as connection:
            officers.put(connection, man.name, woman=False, desks=[HAA])
        with signed_in(desk.site, replace(man, woman=False)) as browser:
            page = browser.page(f"/console/desk/{HAA}")
            line = page[page.index(f"/callback/{number}") :].partition("</li>")[0]
            assert "asks for a woman" in line
            assert "/claim" not in line
            refused = browser.post(at(number, "claim"))
            assert problem(refused) == f"Callback {number} asks for a woman officer."


class TestLive:
    def test_an_open_page_hears_of_a_change_and_of_nothing_else(self, desk: Desk) -> None:
        path = f"{desk.pema.base}/console/desk/{HAA}/events"
        heard: list[str] = []
        with desk.pema.client.stream("GET", path) as stream:
            lines = stream.iter_lines()
            heard.append(next(lines))
            number = desk.file(priority=Priority.DANGER)
            for line in lines:
                heard.append(line)
                if line == "event: changed":
                    break
        assert heard[0] == "retry: 3000"
        assert str(number) not in "".join(heard)

    def test_its_list_alone_can_be_asked_for(self, desk: Desk) -> None:
        number = desk.file()
        part = desk.pema.page(f"/console/desk/{HAA}/queue")
        assert part.lstrip().startswith('<section id="queue"')
        assert f"/callback/{number}" in part


def test_a_missed_call_is_written_down_and_waits_for_the_next_window(desk: Desk) -> None:
    number = desk.file(windows=daily(runtime.now() - MINUTE, 1))
    fence = taken(desk, number, ringing=True)
    answer = desk.pema.post(
        at(number, "outcome"), fence=fence, outcome=Attempted.NO_ANSWER.value, **NOTE
    )
    assert answer.headers["location"] == f"/console/desk/{HAA}?said=outcome"
    assert desk.row(number).state is State.WAITING
    assert wait_until(lambda: "Written down." in desk.pema.page(answer.headers["location"]), 2)
