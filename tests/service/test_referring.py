"""What a desk may hand to a partner: with consent, only what was agreed, taken back at once."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from helpline.core.access import Role
from helpline.core.callback import Attempted, Outcome, State
from helpline.core.errors import Refused
from helpline.core.facts import Age, Sex
from helpline.core.referral import (
    PRESELECTED,
    Consent,
    Field,
    ReferralState,
    Rejected,
    Revoked,
)
from helpline.service.receiving import Opened
from helpline.service.referring import Sent
from helpline.store import audit, callbacks, outbox
from helpline.store.schema import audit as audit_table
from helpline.store.schema import outbox as outbox_table
from helpline.store.schema import referrals as referral_table
from tests.service.referral import (
    HEALTH,
    NOTE,
    PEMA,
    RENEW,
    Referred,
    enrol,
    reach,
    referred,
)
from tests.world import DAY, HAA, HOUR, NUMBER, PARO, START, World, at_once, daily, report

SAFE = daily(START, 3)
TOLD = report(windows=SAFE, concern="home", about="child", place="BT-13", said=NOTE)
CALL_ONLY = replace(TOLD, consented=False)
EVERYTHING = tuple(Field)


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[World]:
    with referred(tmp_path, database_url) as built:
        yield built


@pytest.fixture
def haa(here: World) -> Referred:
    return reach(here, TOLD)


def refusal(job: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        job()
    return str(refused.value)


def actions(here: World, prefix: str) -> list[tuple[object, ...]]:
    rows = here.rows(audit_table)
    return [(r["actor"], r["action"]) for r in rows if str(r["action"]).startswith(prefix)]


def texts(here: World, to_desk: str) -> list[tuple[object, ...]]:
    rows = [row for row in here.rows(outbox_table) if row["desk"] == to_desk]
    return [(row["kind"], row["state"]) for row in rows]


class TestTheGate:
    def test_safety_11_consent_given_on_the_phone_is_enough(self, haa: Referred) -> None:
        sent = haa.refer()
        assert (sent.state, sent.from_desk, sent.to_desk) == (ReferralState.SENT, HAA, RENEW)
        assert haa.here.callback(haa.filed).state is State.REFERRED

    def test_safety_11_without_it_nothing_is_shared(self, here: World) -> None:
        haa = reach(here, CALL_ONLY)
        words = refusal(haa.refer)
        assert words == "The person did not agree on the phone. Ask in the call."
        assert here.callback(haa.filed).state is State.REACHED
        assert here.rows(referral_table) == []

    def test_safety_11_a_yes_in_the_call_is_enough(self, here: World) -> None:
        haa = reach(here, CALL_ONLY)
        haa.refer(haa.asked(consent=Consent.CALL))
        assert haa.inbox()

    def test_safety_11_who_does_not_say_how_she_agreed_is_refused(self, haa: Referred) -> None:
        assert refusal(lambda: haa.refer(haa.asked(consent=None))) == (
            "Nothing is shared without consent. Ask the person, then say how."
        )

    @pytest.mark.parametrize("consent", Consent)
    @pytest.mark.parametrize(
        "state", [state for state in State if state not in (State.REACHED, State.REFERRED)]
    )
    def test_safety_11_only_once_the_person_was_reached(
        self, haa: Referred, consent: Consent, state: State
    ) -> None:
        with haa.here.record.engine.begin() as connection:
            connection.execute(text("UPDATE callbacks SET state = :state"), {"state": state.value})
        words = refusal(lambda: haa.refer(haa.asked(consent=consent)))
        assert words.startswith(f"Talk with the person first. Callback {haa.id} is: ")
        assert haa.here.rows(referral_table) == []

    def test_who_was_referred_may_be_referred_elsewhere_too(self, haa: Referred) -> None:
        haa.refer()
        haa.refer(haa.asked(PEMA))
        assert [sent.to_desk for sent in haa.listed()] in ([RENEW, PEMA], [PEMA, RENEW])

    def test_a_partner_has_a_case_once(self, haa: Referred) -> None:
        sent = haa.refer()
        assert "has the case already" in refusal(haa.refer)
        haa.revoke(sent)
        haa.refer()

    @pytest.mark.parametrize("to_desk", ["BT-WCPU-THIMPHU", "BT-NAZHOEN", "KH-APLE-12", "", "x"])
    def test_only_verified_partners_of_the_desk_are_sent_anything(
        self, haa: Referred, to_desk: str
    ) -> None:
        words = refusal(lambda: haa.refer(haa.asked(to_desk)))
        assert words == "This is no partner of your desk. Choose one of the list."

    def test_safety_24_nothing_is_sent_where_nobody_reads_it(self, haa: Referred) -> None:
        words = refusal(lambda: haa.refer(haa.asked(HEALTH)))
        assert words == "Nobody of this partner reads referrals here. Call them."
        assert {desk.code for desk in haa.desk.partners(HAA)} == {RENEW, PEMA}

    @pytest.mark.parametrize("days", [0, -1, 1, 8, 365])
    def test_consent_is_for_a_time_of_the_list(self, haa: Referred, days: int) -> None:
        assert refusal(lambda: haa.refer(haa.asked(days=days))) == (
            "Choose how long the partner may read this."
        )

    def test_something_must_be_shared(self, haa: Referred) -> None:
        assert refusal(haa.share) == "Choose at least one thing to share."

    def test_a_note_without_its_tick_is_not_dropped_in_silence(self, haa: Referred) -> None:
        assert "did not tick it" in refusal(lambda: haa.refer(haa.asked(note=NOTE)))

    @pytest.mark.parametrize("form", ["", "a" * 31, "A" * 32, "../" + "a" * 29])
    def test_a_form_has_the_id_it_was_made_with(self, haa: Referred, form: str) -> None:
        asked = replace(haa.asked(), referral_id=form)
        assert refusal(lambda: haa.refer(asked)) == "Open the form again and send it once more."


class TestWhoMayRefer:
    @pytest.mark.parametrize(("who", "desk"), [("Dorji", HAA), ("Deki", HAA), ("Deki", RENEW)])
    def test_safety_23_only_officers_of_the_desk(self, haa: Referred, who: str, desk: str) -> None:
        assert refusal(lambda: haa.refer(who=who, desk=desk)) == (
            f"{who} is not an officer of desk {desk}."
        )

    def test_safety_23_not_from_another_desk(self, haa: Referred) -> None:
        words = refusal(lambda: haa.refer(who="Dorji", desk=PARO))
        assert words == f"Desk {PARO} has no callback {haa.id}."

    @pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.PARTNER])
    def test_a_member_who_does_no_casework_cannot(self, haa: Referred, role: Role) -> None:
        enrol(haa.here, "Rinzin", HAA, role=role)
        assert "is not an officer" in refusal(lambda: haa.refer(who="Rinzin"))

    def test_what_a_child_told_an_interviewer_others_cannot_pass_on(self, haa: Referred) -> None:
        with haa.here.record.writing() as connection:
            row = replace(haa.here.callback(haa.filed), interviewer=True)
            callbacks.save(connection, row)
        assert "trained to interview children" in refusal(haa.refer)
        enrol(haa.here, "Rinzin", HAA, role=Role.OFFICER, interviewer=True)
        assert haa.refer(who="Rinzin").live

    def test_what_a_woman_asked_to_tell_a_woman_no_man_passes_on(self, here: World) -> None:
        haa = reach(here, replace(TOLD, woman=True))
        assert "asks for a woman officer" in refusal(lambda: haa.refer(who="Karma"))
        assert haa.refer().live


class TestTheSameFormAgain:
    def test_sent_twice_is_one_referral(self, haa: Referred) -> None:
        asked = haa.asked()
        first = haa.refer(asked)
        before = haa.here.everything()
        haa.here.clock.move(HOUR)
        assert haa.refer(asked) == first
        assert haa.here.everything() == before

    def test_sent_twice_at_the_same_moment_too(self, haa: Referred) -> None:
        asked = haa.asked()
        results = at_once([partial(haa.refer, asked) for _ in range(8)])
        assert [isinstance(one, Sent) for one in results] == [True] * 8
        assert len(haa.inbox()) == 1
        assert texts(haa.here, RENEW) == [("referral", outbox.PENDING)]

    def test_what_was_taken_back_is_not_sent_again_by_an_old_form(self, haa: Referred) -> None:
        asked = haa.asked()
        haa.revoke(haa.refer(asked))
        assert haa.refer(asked).state is ReferralState.REVOKED
        assert haa.inbox() == []

    def test_a_form_of_another_case_is_refused(self, haa: Referred) -> None:
        asked = haa.asked()
        haa.refer(asked)
        other = reach(haa.here, replace(TOLD, about="adult"))
        assert "belongs to another case" in refusal(lambda: other.refer(asked))


SINGLE = [(field,) for field in Field]
ALL_BUT_ONE = [tuple(f for f in Field if f is not left_out) for left_out in Field]


class TestWhatAPartnerSees:
    VALUES = (
        (Field.PLACE, "BT-13"),
        (Field.CONCERN, "home"),
        (Field.ABOUT, "child"),
        (Field.LANGUAGE, "en"),
        (Field.SAFE_TIME, SAFE),
        (Field.AGE, "10-12"),
        (Field.SEX, "female"),
        (Field.NOTE, NOTE),
    )

    @pytest.mark.parametrize("fields", [PRESELECTED, EVERYTHING, *SINGLE, *ALL_BUT_ONE])
    def test_safety_11_exactly_what_was_agreed(
        self, haa: Referred, fields: tuple[Field, ...]
    ) -> None:
        haa.facts(Age.UNDER_13, Sex.FEMALE)
        sent = haa.share(*fields)
        opened = haa.open(sent)
        assert opened.shared == {f: value for f, value in self.VALUES if f in fields}
        assert opened.number == (Field.NUMBER in fields)
        assert NUMBER[1:] not in repr(opened)
        if Field.NUMBER in fields:
            assert haa.number(sent) == NUMBER
        else:
            assert "was not shared" in refusal(lambda: haa.number(sent))

    def test_safety_09_of_the_place_the_district_alone(self, here: World) -> None:
        village = next(
            place.code
            for place in here.runtime.content.directory.places.values()
            if place.parent == "BT-13" and place.level != "district"
        )
        haa = reach(here, replace(TOLD, place=village))
        assert haa.open(haa.share(Field.PLACE)).shared == {Field.PLACE: "BT-13"}

    def test_never_her_own_words_her_secret_word_or_the_case_code(self, here: World) -> None:
        haa = reach(here, replace(TOLD, code_word="sparrow"))
        seen = repr((haa.share(*EVERYTHING), haa.inbox(), haa.open(haa.inbox()[0])))
        assert "sparrow" not in seen
        assert haa.filed.code not in seen
        assert seen.count(NOTE) == 1  # the officer's note; what she wrote herself is not shared

    def test_what_the_case_says_now_not_what_it_said(self, haa: Referred) -> None:
        sent = haa.share(Field.AGE, Field.SEX)
        unknown = {Field.AGE: "unknown", Field.SEX: "unknown"}
        assert haa.open(sent).shared == unknown
        haa.facts(Age.UNDER_18, Sex.MALE)
        assert haa.open(sent).shared == {Field.AGE: "16-17", Field.SEX: "male"}

    def test_what_a_later_request_tells_was_not_agreed(self, here: World) -> None:
        haa = reach(here, CALL_ONLY)
        sent = haa.refer(haa.asked(fields=(Field.CONCERN,), consent=Consent.CALL))
        here.clock.move(HOUR)
        here.file(replace(TOLD, concern="sexual"))
        assert haa.open(sent).shared == {Field.CONCERN: "home"}

    def test_safety_11_a_no_on_the_phone_takes_back_the_yes_of_the_phone(
        self, haa: Referred
    ) -> None:
        sent = haa.share(*EVERYTHING)
        haa.here.tell(haa.filed, replace(TOLD, consented=False))
        assert "consent has ended" in refusal(lambda: haa.open(sent))
        assert "consent has ended" in refusal(lambda: haa.number(sent))

    def test_what_was_another_persons_is_not_shared(self, here: World) -> None:
        """Two people, one phone: what the second told has gone to a case of its own."""
        haa = reach(here, replace(TOLD, code_word="sparrow"))
        here.clock.move(timedelta(minutes=1))
        second = here.file(replace(TOLD, concern="sexual"))
        here.tell(second, replace(TOLD, concern="sexual", code_word="river"))
        with here.record.engine.begin() as connection:
            connection.execute(text("UPDATE callbacks SET state = 'reached'"))
        assert haa.open(haa.share(Field.CONCERN)).shared == {Field.CONCERN: "home"}

    def test_the_list_has_nothing_of_the_person(self, haa: Referred) -> None:
        sent = haa.share(*EVERYTHING)
        assert haa.inbox() == [sent]
        (line,) = haa.inbox()
        assert (line.ref, line.officer, line.live) == (haa.id, "Pema", True)
        assert [w for w in (NOTE, "home", "child", NUMBER[1:]) if w in repr(line)] == []

    def test_the_newest_first(self, haa: Referred) -> None:
        first = haa.refer()
        haa.here.clock.move(HOUR)
        second = reach(haa.here, replace(TOLD, about="adult")).refer()
        assert [sent.id for sent in haa.inbox()] == [second.id, first.id]


class TestWhoSeesIt:
    def test_safety_23_another_partner_sees_nothing(self, haa: Referred) -> None:
        sent = haa.refer()
        assert haa.inbox("Ugyen", PEMA) == []
        for act in ACTS.values():
            assert refusal(partial(act, haa, sent, "Ugyen")) == "Your desk has no such referral."
        assert "not an officer" in refusal(lambda: haa.inbox("Ugyen", RENEW))

    def test_safety_23_what_does_not_exist_looks_the_same(self, haa: Referred) -> None:
        nothing = replace(haa.refer(), id="0" * 32)
        assert refusal(lambda: haa.open(nothing)) == "Your desk has no such referral."

    def test_the_desk_that_sent_it_does_not_read_it_as_a_partner(self, haa: Referred) -> None:
        sent = haa.refer()
        assert refusal(lambda: haa.open(sent, "Pema")) == "Your desk has no such referral."

    def test_a_partner_reads_no_queue_and_no_case(self, haa: Referred) -> None:
        sent = haa.refer()
        assert haa.partner.look(sent.id, haa.person("Deki"), START) == sent
        assert "not an officer" in refusal(lambda: haa.listed("Deki"))
        assert "not an officer" in refusal(lambda: haa.listed("Deki", RENEW))

    def test_an_administrator_of_a_partner_reads_nothing(self, haa: Referred) -> None:
        enrol(haa.here, "Rinzin", RENEW, role=Role.ADMINISTRATOR)
        sent = haa.refer()
        assert refusal(lambda: haa.open(sent, "Rinzin")) == "Your desk has no such referral."

    def test_safety_23_each_reading_is_audited_with_its_reason(self, haa: Referred) -> None:
        sent = haa.share(*EVERYTHING)
        haa.open(sent)
        haa.number(sent)
        rows = [r for r in haa.here.rows(audit_table) if str(r["action"]).startswith("reveal.")]
        assert [(r["actor"], r["action"], r["detail"]) for r in rows[1:]] == [
            ("Deki", f"reveal.{what}", {"reason": why, "desk": RENEW, "referral": sent.id})
            for what, why in (("referral", "help"), ("number", "contact"))
        ]

    def test_safety_23_nothing_is_read_without_its_audit_row(self, haa: Referred) -> None:
        sent = haa.share(*EVERYTHING)
        with haa.here.record.engine.begin() as connection:
            connection.execute(text("DELETE FROM audit_head"))
        for act in (haa.open, haa.number):
            with pytest.raises(Exception, match="No row was found"):
                act(sent)


class TestTheNumber:
    def test_safety_02_not_outside_the_safe_window(self, haa: Referred) -> None:
        sent = haa.share(Field.NUMBER)
        haa.here.clock.move(3 * HOUR)
        words = refusal(lambda: haa.number(sent))
        assert words == (
            "It is not safe to call now. The safe time begins at 2031-03-05 04:00 UTC."
        )
        assert haa.open(sent).number
        haa.here.clock.move(21 * HOUR)
        assert haa.number(sent) == NUMBER

    def test_safety_03_not_once_the_safe_time_is_stale(self, haa: Referred) -> None:
        sent = haa.share(Field.NUMBER, Field.SAFE_TIME)
        haa.here.clock.move(7 * DAY)
        assert "too old" in refusal(lambda: haa.number(sent))
        assert haa.open(sent).shared == {Field.SAFE_TIME: ()}

    def test_safety_01_not_once_she_says_no(self, haa: Referred) -> None:
        sent = haa.share(Field.NUMBER)
        haa.here.file(replace(TOLD, windows=()))
        assert "not safe to call" in refusal(lambda: haa.number(sent))

    @pytest.mark.parametrize("state", [State.HELD, State.REVIEW])
    def test_safety_21_not_while_nobody_may_ring(self, haa: Referred, state: State) -> None:
        sent = haa.share(Field.NUMBER)
        with haa.here.record.engine.begin() as connection:
            connection.execute(text("UPDATE callbacks SET state = :state"), {"state": state.value})
        assert "Nobody may call this person now." in refusal(lambda: haa.number(sent))

    def test_a_woman_who_was_asked_for_is_never_replaced(self, here: World) -> None:
        enrol(here, "Dawa", RENEW)
        haa = reach(here, replace(TOLD, woman=True))
        sent = haa.share(Field.NUMBER)
        assert refusal(lambda: haa.number(sent, "Dawa")) == "The person asks for a woman officer."
        assert haa.number(sent) == NUMBER

    def test_a_refused_number_leaves_no_row_in_the_log(self, haa: Referred) -> None:
        sent = haa.share(Field.NUMBER)
        haa.here.clock.move(3 * HOUR)
        before = haa.here.everything()
        refusal(lambda: haa.number(sent))
        assert haa.here.everything() == before


def _accept(haa: Referred, sent: Sent, who: str = "Deki") -> Sent:
    return haa.partner.accept(sent.id, haa.person(who), haa.here.clock())


def _reject(haa: Referred, sent: Sent, who: str = "Deki") -> Sent:
    return haa.partner.reject(sent.id, haa.person(who), Rejected.NO_ROOM, haa.here.clock())


def _done(haa: Referred, sent: Sent, who: str = "Deki") -> Sent:
    return haa.partner.done(sent.id, haa.person(who), haa.here.clock())


def _open(haa: Referred, sent: Sent, who: str = "Deki") -> Opened:
    return haa.open(sent, who)


def _number(haa: Referred, sent: Sent, who: str = "Deki") -> str:
    return haa.number(sent, who)


ACTS: dict[str, Callable[[Referred, Sent, str], object]] = {
    "open": _open,
    "number": _number,
    "accept": _accept,
    "reject": _reject,
    "done": _done,
}
EVERY_ACT = pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)


class TestAnswers:
    def test_accepted_and_done(self, haa: Referred) -> None:
        sent = haa.refer()
        assert _accept(haa, sent).state is ReferralState.ACCEPTED
        assert haa.open(sent).shared
        assert _done(haa, sent).state is ReferralState.DONE
        assert actions(haa.here, "referral.") == [
            ("Pema", "referral.sent"),
            ("Deki", "referral.accept"),
            ("Deki", "referral.finish"),
        ]

    def test_what_is_done_is_not_read_any_more(self, haa: Referred) -> None:
        sent = haa.refer()
        _accept(haa, sent)
        _done(haa, sent)
        assert "is done" in refusal(lambda: haa.open(sent))
        (line,) = haa.inbox()
        assert (line.state, line.live) == (ReferralState.DONE, False)

    def test_rejected_with_a_reason_from_the_list(self, haa: Referred) -> None:
        sent = haa.refer()
        assert _reject(haa, sent).reason == "no_room"
        assert "did not accept" in refusal(lambda: haa.open(sent))
        (line,) = haa.listed()
        assert (line.state, line.reason, line.live) == (ReferralState.REJECTED, "no_room", False)

    def test_the_desk_is_told_that_nobody_took_it(self, haa: Referred) -> None:
        before = texts(haa.here, HAA)
        _reject(haa, haa.refer())
        assert texts(haa.here, HAA) == [*before, ("overdue", outbox.PENDING)]

    def test_once_rejected_it_may_be_sent_again(self, haa: Referred) -> None:
        _reject(haa, haa.refer())
        assert haa.refer().live

    def test_not_done_before_it_was_accepted(self, haa: Referred) -> None:
        sent = haa.refer()
        assert refusal(lambda: _done(haa, sent)) == (
            "This cannot be done now. The referral is: sent."
        )

    def test_a_closed_case_is_still_helped(self, haa: Referred) -> None:
        sent = haa.refer()
        now, pema = haa.here.clock(), haa.person("Pema")
        haa.here.runtime.desk.close(HAA, pema, haa.id, Outcome.REFERRED, None, now)
        assert haa.open(sent).shared


class TestTheEnd:
    @EVERY_ACT
    def test_safety_11_after_its_time_nothing(
        self, haa: Referred, act: Callable[[Referred, Sent, str], object]
    ) -> None:
        sent = haa.refer(haa.asked(fields=EVERYTHING, days=7))
        haa.here.clock.move(7 * DAY)
        assert "consent has ended" in refusal(partial(act, haa, sent, "Deki"))
        assert haa.inbox() == []
        assert [line.live for line in haa.listed()] == [False]

    def test_just_before_it_everything(self, haa: Referred) -> None:
        sent = haa.refer(haa.asked(days=7))
        haa.here.clock.move(7 * DAY - timedelta(seconds=1))
        assert haa.open(sent).shared

    @EVERY_ACT
    def test_safety_11_what_was_taken_back_is_gone_at_once(
        self, haa: Referred, act: Callable[[Referred, Sent, str], object]
    ) -> None:
        sent = haa.share(*EVERYTHING)
        revoked = haa.revoke(sent)
        assert (revoked.state, revoked.reason) == (ReferralState.REVOKED, "asked")
        assert "taken back" in refusal(partial(act, haa, sent, "Deki"))
        assert haa.inbox() == []

    def test_what_was_taken_back_keeps_no_note(self, haa: Referred) -> None:
        haa.revoke(haa.share(*EVERYTHING))
        (row,) = haa.here.rows(referral_table)
        assert row["sealed"] is None

    def test_taken_back_twice_is_said(self, haa: Referred) -> None:
        sent = haa.refer()
        haa.revoke(sent)
        assert refusal(lambda: haa.revoke(sent)).endswith("The referral is: taken back.")

    @pytest.mark.parametrize("reason", [Revoked.WITHDRAWN, Revoked.ERASED])
    def test_a_desk_does_not_speak_for_the_phone(self, haa: Referred, reason: Revoked) -> None:
        sent = haa.refer()
        revoke = partial(haa.desk.revoke, HAA, haa.person("Pema"), sent.id, reason, START)
        assert refusal(revoke) == "Choose why it is taken back."

    def test_any_officer_of_the_desk_takes_it_back_nobody_else(self, haa: Referred) -> None:
        sent = haa.refer()
        assert "not an officer" in refusal(lambda: haa.revoke(sent, "Deki", RENEW))
        assert "has no such referral" in refusal(lambda: haa.revoke(sent, "Dorji", PARO))
        assert haa.revoke(sent, "Karma").state is ReferralState.REVOKED

    def test_the_desk_that_has_the_case_now_takes_it_back_too(self, haa: Referred) -> None:
        sent = haa.refer()
        with haa.here.record.writing() as connection:
            callbacks.save(connection, replace(haa.here.callback(haa.filed), desk=PARO))
        assert haa.revoke(sent, "Dorji", PARO).state is ReferralState.REVOKED

    def test_safety_11_who_declines_the_next_call_takes_everything_back(
        self, haa: Referred
    ) -> None:
        sent = haa.refer()
        haa.here.file(TOLD)
        desk, pema, now = haa.here.runtime.desk, haa.person("Pema"), haa.here.clock()
        line = desk.claim(HAA, pema, haa.id, now)
        desk.attempt(HAA, pema, line.id, line.fence, now)
        desk.record_attempt(HAA, pema, line.id, Attempted.DECLINED, line.fence, now)
        assert refusal(lambda: haa.open(sent)).endswith("nothing of it is shown any more.")
        assert haa.inbox() == []


class TestTheDutyPhone:
    def test_the_partner_is_told_once_in_neutral_words(self, haa: Referred) -> None:
        haa.refer()
        assert texts(haa.here, RENEW) == [("referral", outbox.PENDING)]
        (row,) = [row for row in haa.here.rows(outbox_table) if row["desk"] == RENEW]
        assert (row["callback_id"], row["sealed"], row["number_index"]) == (haa.id, None, "")

    def test_safety_23_what_a_partner_reads_in_the_log_opens_no_request(
        self, haa: Referred
    ) -> None:
        sent = haa.share(Field.PLACE, Field.NUMBER)
        _accept(haa, sent)
        rows = [r for r in haa.here.rows(audit_table) if r["subject"] == sent.id]
        assert [row["action"] for row in rows] == ["referral.sent", "referral.accept"]
        assert haa.filed.code not in repr(rows)
        assert rows[0]["detail"] == {
            "row": haa.id,
            "from_desk": HAA,
            "to_desk": RENEW,
            "fields": "place,number",
            "until": sent.consent_until.isoformat(),
            "reason": "report",
        }

    def test_without_a_phone_nobody_is_told(self, haa: Referred) -> None:
        haa.refer(haa.asked(PEMA))
        assert texts(haa.here, PEMA) == []

    def test_what_was_taken_back_before_it_was_told_is_not_told(self, haa: Referred) -> None:
        haa.revoke(haa.refer())
        assert texts(haa.here, RENEW) == [("referral", outbox.EXPIRED)]

    def test_safety_05_nothing_private_leaves_the_case(self, haa: Referred) -> None:
        haa.facts(Age.UNDER_10, Sex.FEMALE)
        sent = haa.share(*EVERYTHING)
        haa.open(sent)
        haa.number(sent)
        _accept(haa, sent)
        stored = repr(haa.here.everything())
        assert [w for w in (NOTE, NUMBER[1:], "7-9") if w in stored] == []
        logged = repr([haa.here.rows(audit_table), haa.here.rows(outbox_table)])
        assert [w for w in ("home", "BT-13'", "child") if w in logged] == []
        with haa.here.record.reading() as connection:
            assert audit.verify(connection)[1] == ""
