"""Referrals over real HTTP: the desk's form, the partner's list, one referral, its end."""

import re
from collections.abc import Iterator

import pytest

from helpline import runtime
from helpline.core.access import Role
from helpline.core.effects import FindCase, Withdraw
from helpline.core.referral import Field
from helpline.service.filing import Origin
from helpline.store import callbacks, cases
from tests.private import PRIVATE_WORDS
from tests.web.desk import Browser, enrol, reached, signed_in, words
from tests.web.site import Site
from tests.world import HAA, NUMBER, report

RENEW, PEMA = "BT-RENEW-DAMPHU", "BT-PEMA"
NOTE = PRIVATE_WORDS[0]
DEFAULT = {"to": RENEW, "days": "30", "consent": "call", "shared_note": ""}
TICKED = {f"share_{name}": "1" for name in ("place", "concern", "about", "language")}


@pytest.fixture
def pema(here: Site) -> Iterator[Browser]:
    with signed_in(here, enrol(here.parts, "Pema", HAA)) as browser:
        yield browser


@pytest.fixture
def deki(here: Site) -> Iterator[Browser]:
    with signed_in(here, enrol(here.parts, "Deki", RENEW, role=Role.PARTNER)) as browser:
        yield browser


@pytest.fixture
def ugyen(here: Site) -> Iterator[Browser]:
    with signed_in(here, enrol(here.parts, "Ugyen", PEMA, role=Role.PARTNER)) as browser:
        yield browser


@pytest.fixture
def case(here: Site, pema: Browser, deki: Browser) -> Iterator[str]:
    """The path of a request whose person was reached; ended at the end."""
    number = reached(here.parts, pema.officer, report(concern="home", said=NOTE))
    yield f"/console/desk/{HAA}/callback/{number}"
    withdraw(here, number)


def withdraw(here: Site, number: int) -> None:
    with here.parts.record.writing() as connection:
        row = callbacks.get(connection, number)
        assert row is not None
        asked = FindCase("bt", cases.get(connection, row.case_id).code, "")
        origin, say = Origin("bt-ussd", runtime.new_id(), NUMBER), lambda label: ""
        carry = here.parts.carrier.carry
        carry(connection, Withdraw(asked), origin, say, runtime.now())


def form_id(page: str) -> str:
    form = page.split('/refer">')[1]
    found = re.search(r'name="referral_id" value="([0-9a-f]{32})"', form)
    assert found is not None
    return found[1]


def refer(pema: Browser, case: str, **fields: str) -> str:
    """Sends the form as the page has it; the path of the referral at the partner."""
    named = form_id(pema.page(case))
    answer = pema.post(f"{case}/refer", referral_id=named, **{**DEFAULT, **TICKED, **fields})
    assert (answer.status_code, answer.headers["location"]) == (303, case)
    return f"/console/referrals/{named}"


class TestTheDesk:
    def test_the_form_ticks_only_what_is_needed(self, pema: Browser, case: str) -> None:
        page = pema.page(case)
        ticked = re.findall(r'name="share_(\w+)" value="1" checked', page)
        assert ticked == ["place", "concern", "about", "language"]
        offered = re.findall(r'name="share_(\w+)" value="1"', page)
        assert offered == [field.value for field in Field]
        assert "RENEW Community Service Centre, Damphu" in words(page)

    def test_what_was_sent_stands_on_the_page(self, pema: Browser, case: str) -> None:
        refer(pema, case)
        said = words(pema.page(case))
        assert "RENEW Community Service Centre, Damphu sent" in said
        assert "Shared: District, What it is about, Who needs help, Language" in said
        assert "referred" in said

    def test_the_same_form_twice_is_one_referral(
        self, pema: Browser, deki: Browser, case: str
    ) -> None:
        named = form_id(pema.page(case))
        for _ in range(2):
            answer = pema.post(f"{case}/refer", referral_id=named, **DEFAULT, **TICKED)
            assert answer.status_code == 303
        assert deki.page("/console/referrals").count(f"/console/referrals/{named}") == 1

    def test_safety_11_without_consent_it_is_refused_and_nothing_typed_is_lost(
        self, pema: Browser, deki: Browser, case: str
    ) -> None:
        named = form_id(pema.page(case))
        fields = {**DEFAULT, "consent": "", "shared_note": "bring a coat", "share_note": "1"}
        answer = pema.post(f"{case}/refer", referral_id=named, **fields)
        assert answer.status_code == 409
        said = words(answer.text)
        assert "Nothing is shared without consent. Ask the person, then say how." in said
        assert "bring a coat" in said
        assert form_id(answer.text) == named
        assert re.findall(r'name="share_(\w+)" value="1" checked', answer.text) == ["note"]
        assert "<details open>" in answer.text
        assert named not in deki.page("/console/referrals")

    def test_it_is_taken_back_at_once(self, pema: Browser, deki: Browser, case: str) -> None:
        path = refer(pema, case)
        named = path.rsplit("/", 1)[1]
        answer = pema.post(f"{case}/revoke", referral_id=named, reason="asked")
        assert answer.status_code == 303
        assert path not in deki.page("/console/referrals")
        opened = deki.post(f"{path}/open", reason="help")
        assert opened.status_code == 409
        assert "This referral was taken back: nothing of it is shown any more." in words(
            opened.text
        )
        said = words(pema.page(case))
        assert "taken back The person asked for it" in said

    @pytest.mark.parametrize(
        ("path", "fields"),
        [
            ("refer", {**DEFAULT, "referral_id": "x"}),
            ("refer", {**DEFAULT, "referral_id": "a" * 32, "days": "x"}),
            ("refer", {**DEFAULT, "referral_id": "a" * 32, "consent": "maybe"}),
            ("revoke", {"referral_id": "a" * 32, "reason": "because"}),
            ("revoke", {"referral_id": "x", "reason": "asked"}),
        ],
    )
    def test_what_no_form_of_ours_sends_is_not_understood(
        self, pema: Browser, case: str, path: str, fields: dict[str, str]
    ) -> None:
        assert pema.post(f"{case}/{path}", **fields).status_code == 400


class TestThePartner:
    def test_she_lands_on_her_referrals(self, deki: Browser, case: str) -> None:
        answer = deki.get("/console")
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/referrals")

    def test_the_list_has_nothing_of_the_person(
        self, pema: Browser, deki: Browser, case: str
    ) -> None:
        path = refer(pema, case, share_note="1", shared_note="bring a coat")
        said = words(deki.page("/console/referrals") + deki.page(path))
        assert "Women and Child Protection Desk, Haa" in said
        assert "Violence at home" not in said
        assert "bring a coat" not in said

    def test_safety_11_what_was_agreed_is_shown_once_with_a_reason(
        self, pema: Browser, deki: Browser, case: str
    ) -> None:
        path = refer(pema, case, share_note="1", shared_note="bring a <coat>")
        answer = deki.post(f"{path}/open", reason="help")
        assert answer.status_code == 200
        said = words(answer.text)
        shown = "District Haa What it is about Violence at home Who needs help Me Language English"
        assert f"{shown} Note to the partner bring a <coat>" in said
        assert "Violence at home" not in words(deki.page(path))
        assert [secret for secret in (NUMBER[1:], NOTE) if secret in answer.text] == []

    def test_everything_that_can_be_shared_has_words(
        self, pema: Browser, deki: Browser, case: str
    ) -> None:
        every = {f"share_{field.value}": "1" for field in Field}
        path = refer(pema, case, shared_note="bring a coat", **every)
        said = words(deki.post(f"{path}/open", reason="help").text)
        assert "Safe times for a call safe now, until" in said
        assert "Age not known Sex not known" in said

    def test_without_a_reason_nothing_is_opened(
        self, pema: Browser, deki: Browser, case: str
    ) -> None:
        path = refer(pema, case)
        assert deki.post(f"{path}/open").status_code == 400
        assert deki.post(f"{path}/open", reason="curious").status_code == 400

    @pytest.mark.shows_private
    def test_safety_02_the_number_is_shown_once_in_its_safe_time(
        self, pema: Browser, deki: Browser, case: str
    ) -> None:
        path = refer(pema, case, share_number="1")
        opened = deki.post(f"{path}/open", reason="contact").text
        assert NUMBER not in opened
        assert f'action="{path}/number"' in opened
        assert f'href="tel:{NUMBER}"' in deki.post(f"{path}/number").text
        assert NUMBER not in deki.page(path)

    def test_a_number_that_was_not_shared_is_not_shown(
        self, pema: Browser, deki: Browser, case: str
    ) -> None:
        path = refer(pema, case)
        assert f'action="{path}/number"' not in deki.post(f"{path}/open", reason="help").text
        answer = deki.post(f"{path}/number")
        assert answer.status_code == 409
        assert "The phone number was not shared." in words(answer.text)
        assert NUMBER[1:] not in answer.text

    def test_she_accepts_it_and_says_when_it_is_done(
        self, pema: Browser, deki: Browser, case: str
    ) -> None:
        path = refer(pema, case)
        answer = deki.post(f"{path}/accept")
        assert answer.headers["location"] == "/console/referrals?said=accepted"
        assert "Accepted. The desk that sent it sees that." in words(
            deki.page("/console/referrals?said=accepted")
        )
        assert f'action="{path}/reject"' not in deki.page(path)
        assert deki.post(f"{path}/done").status_code == 303
        assert "Nothing of it is shown any more." in words(deki.page(path))
        assert "Damphu done" in words(pema.page(case))

    def test_she_says_why_she_does_not_accept_it(
        self, pema: Browser, deki: Browser, case: str
    ) -> None:
        path = refer(pema, case)
        assert deki.post(f"{path}/reject", reason="no_room").status_code == 303
        assert "not accepted No room now" in words(pema.page(case))
        assert deki.post(f"{path}/accept").status_code == 409

    def test_safety_11_once_the_person_withdraws_nothing_is_left(
        self, here: Site, pema: Browser, deki: Browser, case: str
    ) -> None:
        path = refer(pema, case)
        withdraw(here, int(case.rsplit("/", 1)[1]))
        assert path not in deki.page("/console/referrals")
        answer = deki.post(f"{path}/open", reason="help")
        assert answer.status_code == 409
        assert "nothing of it is shown any more" in words(answer.text)
        assert "taken back The person ended the request" in words(pema.page(case))


class TestWhoComesIn:
    def test_safety_23_another_partner_finds_nothing(
        self, pema: Browser, deki: Browser, ugyen: Browser, case: str
    ) -> None:
        path = refer(pema, case)
        assert path not in ugyen.page("/console/referrals")
        answers = [
            ugyen.get(path),
            ugyen.post(f"{path}/open", reason="help"),
            ugyen.post(f"{path}/number"),
            ugyen.post(f"{path}/accept"),
            ugyen.post(f"{path}/reject", reason="known"),
            ugyen.post(f"{path}/done"),
        ]
        assert {answer.status_code for answer in answers} == {409}
        assert {"Your desk has no such referral." in words(a.text) for a in answers} == {True}

    def test_safety_23_a_partner_opens_no_case_and_refers_nobody(
        self, deki: Browser, case: str
    ) -> None:
        answers = [
            deki.get(case),
            deki.get(f"/console/desk/{RENEW}"),
            deki.post(f"{case}/refer", referral_id="a" * 32, **DEFAULT),
            deki.post(f"{case}/revoke", referral_id="a" * 32, reason="asked"),
        ]
        assert {answer.status_code for answer in answers} == {403}

    def test_an_administrator_reads_no_referrals(self, here: Site) -> None:
        officer = enrol(here.parts, "Admin", RENEW, role=Role.ADMINISTRATOR)
        with signed_in(here, officer) as admin:
            assert admin.get("/console/referrals").status_code == 403

    def test_a_form_of_another_login_does_nothing(
        self, pema: Browser, deki: Browser, case: str
    ) -> None:
        path = refer(pema, case)
        deki.token = "other"
        assert deki.post(f"{path}/accept").status_code == 409
        assert "Your answer" in deki.page(path)
        assert f'action="{path}/accept"' in deki.page(path)

    @pytest.mark.parametrize("named", ["x", "A" * 32, "a" * 33])
    def test_a_name_that_no_referral_can_have_is_not_there(self, deki: Browser, named: str) -> None:
        assert deki.get(f"/console/referrals/{named}").status_code == 404
