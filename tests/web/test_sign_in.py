"""Signing in and out and joining, over HTTP: cookies, words, and what comes back."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from helpline import runtime
from helpline.service.visits import IDLE
from helpline.store import officers
from helpline.web.console.browsers import kind_of
from tests.web import site as sites
from tests.web.officer import (
    HAA,
    PASSWORD,
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
from tests.web.site import Site, site

WRONG = "Name, password or code is wrong."
LOGIN, DEVICE = "__Host-helpline_login", "__Host-helpline_device"
SIGN_IN = "/console/sign-in"


@pytest.fixture
def name() -> str:
    return new_name()


@pytest.fixture
def pema(here: Site, name: str) -> Person:
    return joined(here, name)


class TestSigningIn:
    def test_the_form_asks_for_all_three_at_once(self, here: Site) -> None:
        answer = Browser(here).get(SIGN_IN)
        assert answer.status_code == 200
        for field in ('name="name"', 'type="password" name="password"', 'name="code"'):
            assert field in answer.text
        assert "The 6 digits that your app shows now" in words(answer.text)

    def test_who_is_right_gets_in(self, pema: Person) -> None:
        answer = pema.sign_in()
        assert (answer.status_code, answer.headers["location"]) == (303, "/console")
        assert pema.browser.signed_in
        assert pema.name in words(pema.browser.get("/console/own").text)

    def test_the_login_is_a_cookie_of_this_host_alone(self, pema: Person) -> None:
        pema.sign_in()
        login, device = pema.browser.sent
        assert login.startswith(f"{LOGIN}=")
        said = {part.strip().lower() for part in login.split(";")[1:]}
        assert said == {"httponly", "path=/", "samesite=strict", "secure"}
        assert device.startswith(f"{DEVICE}=")
        more = {part.strip().lower() for part in device.split(";")[1:]}
        assert said < more
        assert "max-age=34560000" in more

    @pytest.mark.parametrize(
        "wrong", [{"name": "nobody"}, {"password": "a wrong password"}, {"code": "000000"}]
    )
    def test_one_sentence_whatever_is_wrong(self, pema: Person, wrong: dict[str, str]) -> None:
        answer = pema.sign_in(**wrong)
        assert problem(answer) == WRONG
        assert LOGIN not in pema.browser.cookies
        assert hidden(answer.text, "name") == wrong.get("name", pema.name)
        assert PASSWORD not in answer.text

    def test_fields_that_are_missing_are_as_wrong(self, here: Site) -> None:
        assert problem(Browser(here).post(SIGN_IN, {})) == WRONG

    @pytest.mark.parametrize("fields", [{"name": ["a", "b"]}, {"password": "x" * 1001}])
    def test_a_form_that_is_not_ours_is_not_understood(
        self, here: Site, fields: dict[str, object]
    ) -> None:
        assert Browser(here).post(SIGN_IN, fields).status_code == 400

    def test_after_five_wrong_tries_it_says_how_long_to_wait(self, here: Site, name: str) -> None:
        stranger = Browser(here)
        fields: dict[str, object] = {"name": name, "password": "a guess", "code": "1"}
        said = [problem(stranger.post(SIGN_IN, fields)) for _ in range(6)]
        assert said == [WRONG] * 5 + ["Too many tries. Wait a minute."]

    def test_who_is_in_is_not_asked_again(self, pema: Person) -> None:
        pema.sign_in()
        answer = pema.browser.get(SIGN_IN)
        assert (answer.status_code, answer.headers["location"]) == (303, "/console")

    def test_another_site_cannot_send_the_form(self, pema: Person) -> None:
        fields: dict[str, object] = {"name": pema.name, "password": PASSWORD}
        fields["code"] = pema.recovery.pop()
        for value in ("cross-site", "same-site"):
            answer = pema.browser.post(SIGN_IN, fields, sec_fetch_site=value)
            assert answer.status_code == 403
        assert pema.browser.post(SIGN_IN, fields, sec_fetch_site="same-origin").is_redirect

    def test_a_login_comes_with_a_new_token_each_time(self, pema: Person) -> None:
        pema.browser.cookies[LOGIN] = "chosen-by-somebody-else"
        pema.sign_in()
        first = pema.browser.cookies[LOGIN]
        pema.browser.sends("/console/sign-out")
        pema.sign_in()
        assert len({first, pema.browser.cookies[LOGIN], "chosen-by-somebody-else"}) == 3

    @pytest.mark.parametrize("language", ["en", "dz", "ur", "km"])
    def test_every_language_is_offered_in_its_own_words(self, here: Site, language: str) -> None:
        assert f'href="?lang={language}" lang="{language}"' in Browser(here).get(SIGN_IN).text


class TestSigningOut:
    def test_the_login_is_over_and_its_cookie_gone(self, pema: Person) -> None:
        pema.sign_in()
        old = pema.browser.cookies[LOGIN]
        answer = pema.browser.sends("/console/sign-out")
        assert answer.headers["location"] == f"{SIGN_IN}?out=1"
        assert LOGIN not in pema.browser.cookies
        assert DEVICE in pema.browser.cookies
        assert "You are signed out." in words(pema.browser.get(f"{SIGN_IN}?out=1").text)
        pema.browser.cookies[LOGIN] = old
        assert not pema.browser.signed_in

    def test_the_back_button_asks_again_because_nothing_was_kept(self, pema: Person) -> None:
        pema.sign_in()
        for path in ("/console/own", f"/console/desk/{HAA}", SIGN_IN):
            assert pema.browser.get(path).headers["cache-control"] == "no-store"
        pema.browser.sends("/console/sign-out")
        back = pema.browser.get("/console/own")
        assert (back.status_code, back.headers["location"]) == (303, SIGN_IN)

    def test_without_its_token_nobody_is_signed_out(self, pema: Person) -> None:
        pema.sign_in()
        assert "from an earlier login" in problem(pema.browser.post("/console/sign-out", {}))
        assert pema.browser.signed_in

    def test_the_button_leads_out_of_a_login_that_is_over(self, here: Site) -> None:
        answer = Browser(here).post("/console/sign-out", {})
        assert answer.headers["location"] == f"{SIGN_IN}?out=1"


class TestALoginThatIsOver:
    def test_after_a_quarter_of_an_hour_it_says_so(self, here: Site, pema: Person) -> None:
        record, visits = here.parts.record, here.parts.visits
        with record.writing() as connection:
            officer = officers.named(connection, pema.name)
            assert officer is not None
            long_ago = runtime.now() - IDLE - timedelta(seconds=1)
            pema.browser.cookies[LOGIN] = visits.begin(connection, officer, "", long_ago)
        answer = pema.browser.get("/console/own")
        assert answer.headers["location"] == f"{SIGN_IN}?over=1"
        page = pema.browser.get(f"{SIGN_IN}?over=1").text
        assert "Your login is over. Sign in again." in words(page)

    def test_who_is_disabled_while_writing_changes_nothing(self, here: Site, pema: Person) -> None:
        pema.sign_in()
        token = pema.browser.token()
        here.parts.accounts.disable(None, pema.name, runtime.now())
        fields: dict[str, object] = {"token": token, "language": "dz"}
        answer = pema.browser.post("/console/own/language", fields)
        assert answer.headers["location"] == f"{SIGN_IN}?over=1"
        assert here.parts.accounts.one(pema.name, runtime.now()).profile.language == "en"


class TestJoining:
    def test_the_page_shows_picture_and_secret(self, here: Site, name: str) -> None:
        page = Browser(here).get(invited(here, name)).text
        assert "<svg " in page
        assert " style=" not in page
        assert re.search(r"type this into the app: ([A-Z2-7]{4} ){7}[A-Z2-7]{4} ", words(page))
        assert name in words(page)

    def test_it_ends_with_ten_codes_to_write_down(self, here: Site, name: str) -> None:
        browser = Browser(here)
        answer = join(browser, invited(here, name))
        assert answer.status_code == 200
        assert len(set(recovery_of(answer.text))) == 10
        assert "They are not shown again." in words(answer.text)
        assert list(browser.cookies) == [DEVICE]
        assert answer.headers["cache-control"] == "no-store"

    def test_the_address_works_once(self, here: Site, name: str) -> None:
        path, browser = invited(here, name), Browser(here)
        join(browser, path)
        over = "This invitation is not valid any more. Ask for a new one."
        assert problem(browser.get(path)) == over
        assert problem(browser.post(path, {"password": PASSWORD})) == over
        assert problem(browser.get("/console/join/made-up")) == over

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"code": "000000"}, "The code is not right."),
            ({"again": "something else"}, "The two passwords are not the same."),
            ({"password": "short", "again": "short"}, "A password has 12 to 200 characters."),
        ],
    )
    def test_a_refused_form_comes_back_with_the_same_secret_and_no_password(
        self, here: Site, name: str, wrong: dict[str, str], said: str
    ) -> None:
        path, browser = invited(here, name), Browser(here)
        page = browser.get(path).text
        secret = words(page).partition("type this into the app: ")[2][:39]
        first = {"password": PASSWORD, "again": PASSWORD, "code": "1", **wrong}
        answer = browser.post(path, {**first, "sealed": hidden(page, "sealed")})
        assert problem(answer).startswith(said)
        assert secret in words(answer.text)
        assert PASSWORD not in answer.text
        assert join(browser, path).status_code == 200

    def test_a_sealed_secret_of_another_invitation_is_refused(self, here: Site, name: str) -> None:
        browser = Browser(here)
        sealed = hidden(browser.get(invited(here, f"{name} two")).text, "sealed")
        answer = join(browser, invited(here, name), sealed=sealed)
        assert problem(answer).startswith("This form is not of this invitation.")


def test_a_deployment_without_https_has_cookies_that_work_there(
    tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the demo is: browsers would not send a secure cookie back."""
    monkeypatch.setattr(sites, "PUBLIC", "http://127.0.0.1:8000")
    with site(tmp_path / "data", redis_url) as built:
        pema = signed_in(built, "Pema")
        assert pema.browser.signed_in
        assert sorted(pema.browser.cookies) == ["helpline_device", "helpline_login"]


@pytest.mark.parametrize(
    ("user_agent", "kind"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox, Linux",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
            "Edge, Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/140.0.0.0 Mobile Safari/537.36",
            "Chrome, Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1",
            "Safari, iPhone",
        ),
        ("something else <script>", ""),
        ("", ""),
    ],
)
def test_a_browser_is_named_in_fixed_words(user_agent: str, kind: str) -> None:
    assert kind_of(user_agent) == kind
