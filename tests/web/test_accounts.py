"""The pages of accounts and of one's own, over HTTP."""

import hashlib
import re

import pytest
from sqlalchemy import select

from helpline import runtime
from helpline.core.access import Role
from helpline.service.account_rules import Profile
from helpline.service.accounts import Account
from helpline.store.schema import audit
from tests.web.officer import (
    ADMINISTRATOR,
    AT_HAA,
    HAA,
    PARO,
    Browser,
    Person,
    hidden,
    invited,
    join,
    joined,
    new_name,
    problem,
    recovery_of,
    signed_in,
    words,
)
from tests.web.site import Site

ACCOUNTS = "/console/accounts"


@pytest.fixture(scope="module")
def ugyen(shared_site: Site) -> Browser:
    """An administrator who is signed in; another one exists."""
    joined(shared_site, "Namgay", ADMINISTRATOR)
    return signed_in(shared_site, "Ugyen", ADMINISTRATOR).browser


@pytest.fixture
def name() -> str:
    return new_name()


def account(here: Site, name: str) -> Account:
    return here.parts.accounts.one(name, runtime.now())


def path_of(here: Site, name: str) -> str:
    return f"{ACCOUNTS}/{account(here, name).officer.id}"


def profile(**other: object) -> dict[str, object]:
    return {"role": "officer", "desk": [HAA], "language": "en", **other}


class TestWhoMaySee:
    @pytest.mark.parametrize("role", [Role.OFFICER, Role.SUPERVISOR, Role.PARTNER])
    def test_nobody_but_an_administrator(self, here: Site, name: str, role: Role) -> None:
        pema = signed_in(here, name, Profile(role=role, desks=(HAA,))).browser
        theirs = path_of(here, name)
        for path in (ACCOUNTS, f"{ACCOUNTS}/new", theirs):
            assert pema.get(path).status_code == 403
        token = pema.token()
        for act in ("change", "invite", "reset", "disable", "enable", "logins", "end-logins"):
            assert pema.post(f"{theirs}/{act}", {"token": token}).status_code == 403
        assert account(here, name).officer.active

    def test_somebody_who_is_not_signed_in_is_asked_to(self, here: Site) -> None:
        answer = Browser(here).get(ACCOUNTS)
        assert answer.headers["location"] == "/console/sign-in"

    def test_without_its_token_no_form_does_anything(
        self, here: Site, ugyen: Browser, name: str
    ) -> None:
        invited(here, name)
        for act in ("change", "invite", "reset", "disable"):
            answer = ugyen.post(f"{path_of(here, name)}/{act}", {"token": "x", **profile()})
            assert problem(answer).startswith("This form is from an earlier login.")
        assert account(here, name).officer.active

    def test_an_account_that_is_not_there(self, ugyen: Browser) -> None:
        assert ugyen.get(f"{ACCOUNTS}/999999").status_code == 404


class TestAdding:
    def test_from_the_form_to_the_first_login(self, here: Site, ugyen: Browser, name: str) -> None:
        fields = profile(name=name, woman="yes", speaks=["dz"], desk=[HAA, PARO])
        added = ugyen.sends(f"{ACCOUNTS}/new", **fields)
        assert added.headers["location"] == path_of(here, name)
        said = Profile(desks=(PARO, HAA), woman=True, speaks=("dz",))
        assert account(here, name).profile == said
        page = ugyen.sends(f"{path_of(here, name)}/invite").text
        (address,) = re.findall(r"https://help\.example\.org(/console/join/[\w-]{32})", page)
        assert "works once and is not shown again" in words(page)
        assert address not in ugyen.get(path_of(here, name)).text
        person = Person(Browser(here), name, recovery_of(join(Browser(here), address).text))
        assert person.sign_in().is_redirect
        assert f"{name} officer has joined" in words(ugyen.get(ACCOUNTS).text)

    def test_what_is_refused_comes_back_as_it_was_typed(
        self, here: Site, ugyen: Browser, name: str
    ) -> None:
        fields = profile(name=name, desk=[], interviewer="yes", language="dz")
        answer = ugyen.sends(f"{ACCOUNTS}/new", **fields)
        assert problem(answer) == "Choose at least one desk."
        assert hidden(answer.text, "name") == name
        assert 'name="interviewer" value="yes" checked' in answer.text
        assert '<option value="dz" selected>' in answer.text

    @pytest.mark.parametrize("wrong", [{"role": "queen"}, {"role": ""}])
    def test_a_role_that_is_none_is_not_understood(
        self, ugyen: Browser, name: str, wrong: dict[str, object]
    ) -> None:
        answer = ugyen.sends(f"{ACCOUNTS}/new", **{**profile(name=name), **wrong})
        assert answer.status_code == 400


class TestChanging:
    def test_role_desks_and_skills(self, here: Site, ugyen: Browser, name: str) -> None:
        invited(here, name)
        page = path_of(here, name)
        version = hidden(ugyen.get(page).text, "version")
        fields = profile(role="supervisor", desk=[PARO], interviewer="yes", version=version)
        answer = ugyen.sends(f"{page}/change", **fields)
        assert answer.headers["location"] == f"{page}?said=changed"
        said = Profile(role=Role.SUPERVISOR, desks=(PARO,), interviewer=True)
        assert account(here, name).profile == said
        assert "The account is changed." in words(ugyen.get(f"{page}?said=changed").text)
        again = ugyen.sends(f"{page}/change", **fields)
        assert problem(again).startswith("Somebody else changed this account meanwhile.")

    def test_not_ones_own_role(self, here: Site, ugyen: Browser) -> None:
        page = path_of(here, "Ugyen")
        shown = ugyen.get(page).text
        assert "Nobody changes her own role." in words(shown)
        fields = profile(version=hidden(shown, "version"))
        answer = ugyen.sends(f"{page}/change", **fields)
        assert problem(answer).startswith("Nobody changes her own role.")


class TestEnding:
    def test_a_disabled_officer_is_out_at_once(self, here: Site, ugyen: Browser, name: str) -> None:
        pema = signed_in(here, name)
        answer = ugyen.sends(f"{path_of(here, name)}/disable")
        assert answer.headers["location"].endswith("?said=disabled")
        assert not pema.browser.signed_in
        assert problem(pema.sign_in()) == "Name, password or code is wrong."
        ugyen.sends(f"{path_of(here, name)}/enable")
        assert pema.sign_in().is_redirect

    def test_a_reset_gives_a_new_address_and_voids_the_rest(
        self, here: Site, ugyen: Browser, name: str
    ) -> None:
        pema = signed_in(here, name)
        page = ugyen.sends(f"{path_of(here, name)}/reset").text
        assert not pema.browser.signed_in
        assert problem(pema.sign_in()) == "Name, password or code is wrong."
        (address,) = re.findall(r"https://help\.example\.org(/console/join/[\w-]{32})", page)
        assert join(Browser(here), address).status_code == 200

    def test_logins_are_shown_behind_a_button_and_ended(
        self, here: Site, ugyen: Browser, name: str
    ) -> None:
        pema = signed_in(here, name)
        page = path_of(here, name)
        assert "Firefox, Linux" not in ugyen.get(page).text
        shown = ugyen.sends(f"{page}/logins")
        assert "Firefox, Linux signed in" in words(shown.text)
        assert ("Ugyen", "login.listed") in acted(here, name)
        answer = ugyen.sends(f"{page}/login", login=hidden(shown.text, "login"))
        assert "Firefox, Linux ended for you" in words(answer.text)
        assert not pema.browser.signed_in

    def test_all_of_them_at_once(self, here: Site, ugyen: Browser, name: str) -> None:
        pema = signed_in(here, name)
        ugyen.sends(f"{path_of(here, name)}/end-logins")
        assert not pema.browser.signed_in


class TestASupervisorsTeam:
    def test_who_works_elsewhere_too_is_not_hers_to_reset(self, here: Site, name: str) -> None:
        """The new invitation would open the other desk to her."""
        deki = signed_in(here, f"{name} deki", Profile(role=Role.SUPERVISOR, desks=(PARO,))).browser
        pema = signed_in(here, name, Profile(desks=(PARO, HAA)))
        one = account(here, name).officer.id
        assert f"{name} has joined" not in words(deki.get("/console/team").text)
        assert deki.sends(f"/console/team/{one}/reset").status_code == 404
        assert pema.browser.signed_in

    def test_she_resets_an_officer_of_her_desk(self, here: Site, name: str) -> None:
        deki = signed_in(here, f"{name} deki", Profile(role=Role.SUPERVISOR, desks=(PARO,))).browser
        pema = signed_in(here, name, Profile(desks=(PARO,)))
        assert "Officers of your desks" in words(deki.get("/console/own").text)
        assert f"{name} has joined" in words(deki.get("/console/team").text)
        one = account(here, name).officer.id
        page = deki.sends(f"/console/team/{one}/reset").text
        assert not pema.browser.signed_in
        (address,) = re.findall(r"https://help\.example\.org(/console/join/[\w-]{32})", page)
        assert join(Browser(here), address).status_code == 200
        assert (f"{name} deki", "account.reset") in acted(here, name)

    def test_but_nobody_else(self, here: Site, name: str) -> None:
        deki = signed_in(here, f"{name} deki", Profile(role=Role.SUPERVISOR, desks=(PARO,))).browser
        invited(here, name, AT_HAA)
        invited(here, f"{name} two", Profile(role=Role.PARTNER, desks=(PARO,)))
        for other in (name, f"{name} two", f"{name} deki"):
            assert other not in words(deki.get("/console/team").text).partition("Hide now")[2]
            path = f"/console/team/{account(here, other).officer.id}/reset"
            assert deki.sends(path).status_code == 404

    def test_an_officer_has_no_such_page(self, here: Site, name: str) -> None:
        pema = signed_in(here, name).browser
        assert pema.get("/console/team").status_code == 403
        assert "Officers of your desks" not in words(pema.get("/console/own").text)


class TestOnesOwn:
    def test_the_language_of_the_pages(self, here: Site, name: str) -> None:
        pema = signed_in(here, name).browser
        answer = pema.sends("/console/own/language", language="en")
        assert answer.headers["location"] == "/console/own?said=language"
        assert "The language is changed." in words(pema.get("/console/own?said=language").text)
        assert problem(pema.sends("/console/own/language", language="fr"))

    def test_another_login_is_ended_and_this_one_stays(self, here: Site, name: str) -> None:
        pema = signed_in(here, name)
        phone = Person(Browser(here), name, pema.recovery)
        phone.sign_in()
        page = pema.browser.get("/console/own").text
        assert "Firefox, Linux this login" in words(page)
        mine = hashlib.sha256(pema.browser.cookies["__Host-helpline_login"].encode()).hexdigest()
        (other,) = set(re.findall(r'name="login" value="(\w+)"', page)) - {mine}
        assert pema.browser.sends("/console/own/login", login=other).is_redirect
        assert (pema.browser.signed_in, phone.browser.signed_in) == (True, False)

    def test_everywhere_is_here_too(self, here: Site, name: str) -> None:
        pema = signed_in(here, name)
        answer = pema.browser.sends("/console/own/logins")
        assert answer.headers["location"] == "/console/sign-in?out=1"
        assert not pema.browser.signed_in

    def test_new_recovery_codes_for_a_code_of_the_app(self, here: Site, name: str) -> None:
        pema = signed_in(here, name)
        assert "Recovery codes left: 9" in words(pema.browser.get("/console/own").text)
        refused = pema.browser.sends("/console/own/recovery", code="000000")
        assert problem(refused).startswith("The code is not right.")
        code = here.parts.accounts.code(name, runtime.now())
        fresh = recovery_of(pema.browser.sends("/console/own/recovery", code=code).text)
        assert len(fresh) == 10
        assert problem(pema_again(here, pema).sign_in()) == "Name, password or code is wrong."
        assert Person(Browser(here), name, fresh).sign_in().is_redirect


def pema_again(here: Site, pema: Person) -> Person:
    """At another browser, with the old recovery codes."""
    return Person(Browser(here), pema.name, pema.recovery)


def acted(here: Site, subject: str) -> list[tuple[str, str]]:
    query = select(audit.c.actor, audit.c.action).where(audit.c.subject == subject)
    with here.parts.record.reading() as connection:
        return [(row.actor, row.action) for row in connection.execute(query)]


def test_every_form_is_labelled_and_every_page_has_one_heading(here: Site, ugyen: Browser) -> None:
    invited(here, "Lhamo", AT_HAA)
    for path in ("/console/own", ACCOUNTS, f"{ACCOUNTS}/new", path_of(here, "Lhamo")):
        page = ugyen.get(path).text
        assert page.count("<h1>") == 1, path
        assert " onclick" not in page
        assert "<script>" not in page
        for field in re.finditer(r'<(?:input|select)(?![^>]*type="hidden")', page):
            before = page[: field.start()]
            assert before.rfind("<label") > before.rfind("</label>"), path
