"""An officer's browser in the tests: keeps cookies, reads forms, follows nothing by itself."""

import html
import re
from dataclasses import dataclass, field
from datetime import datetime
from http.cookies import SimpleCookie
from itertools import count
from urllib.parse import urlencode

import httpx2

from helpline import runtime
from helpline.core.access import Role
from helpline.service.account_rules import Profile
from helpline.service.codes import code_of, step_of
from tests.web.site import FORM, Site

PASSWORD = "tall pines in the morning"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
HAA, PARO = "BT-WCPD-13", "BT-WCPD-11"
AT_HAA = Profile(desks=(HAA,), woman=True)
ADMINISTRATOR = Profile(role=Role.ADMINISTRATOR)
_NUMBERS = count(1)


@dataclass
class Browser:
    """`sent` are the cookies of the last answer, as they came."""

    site: Site
    cookies: dict[str, str] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, fields: dict[str, object], **headers: str) -> httpx2.Response:
        """Header names are given with underscores."""
        return self._ask("POST", path, fields, headers)

    def _ask(
        self, method: str, path: str, fields: dict[str, object] | None, headers: dict[str, str]
    ) -> httpx2.Response:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = httpx2.request(
            method,
            self.site.base + path,
            content=None if fields is None else urlencode(fields, doseq=True),
            headers={"cookie": cookie, "user-agent": FIREFOX, "content-type": FORM, **named},
            timeout=20,
            trust_env=False,
        )
        self.sent = answer.headers.get_list("set-cookie")
        for line in self.sent:
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return answer

    def token(self) -> str:
        return hidden(self.get("/console/own").text, "token")

    def sends(self, path: str, **fields: object) -> httpx2.Response:
        """A form with the token that stands in all forms of this login."""
        return self.post(path, {"token": self.token(), **fields})

    @property
    def signed_in(self) -> bool:
        return self.get("/console/own").status_code == 200


def hidden(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, f"no field {name}"
    return html.unescape(found[1])


def words(page: str) -> str:
    """What a reader sees."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def problem(answer: httpx2.Response) -> str:
    """What was refused, said on the page."""
    assert answer.status_code == 409
    found = re.search(r'<p class="problem" role="alert">([^<]*)</p>', answer.text)
    assert found is not None
    return html.unescape(found[1])


def now_code(secret: str, at: datetime | None = None) -> str:
    return code_of(secret, step_of(at or runtime.now()))


@dataclass
class Person:
    """Somebody who joined by her invitation's page; each recovery code opens one login."""

    browser: Browser
    name: str
    recovery: list[str]

    def sign_in(self, **other: str) -> httpx2.Response:
        fields = {"name": self.name, "password": PASSWORD}
        code = other.pop("code", "") or self.recovery.pop()
        return self.browser.post("/console/sign-in", {**fields, "code": code, **other})


def new_name() -> str:
    """Tests of one module share their web process, not their officers."""
    return f"officer {next(_NUMBERS)}"


def invited(site: Site, name: str, profile: Profile = AT_HAA) -> str:
    """The path of a new officer's invitation."""
    accounts, now = site.parts.accounts, runtime.now()
    accounts.add(None, name, profile, now)
    return f"/console/join/{accounts.invite(None, name, now)}"


def join(browser: Browser, path: str, **other: str) -> httpx2.Response:
    page = browser.get(path).text
    secret = words(page).partition("type this into the app: ")[2][:39].replace(" ", "")
    fields = {"password": PASSWORD, "again": PASSWORD, "code": now_code(secret)}
    return browser.post(path, {**fields, "sealed": hidden(page, "sealed"), **other})


def joined(site: Site, name: str, profile: Profile = AT_HAA) -> Person:
    browser = Browser(site)
    answer = join(browser, invited(site, name, profile))
    assert answer.status_code == 200
    return Person(browser, name, recovery_of(answer.text))


def recovery_of(page: str) -> list[str]:
    return re.findall(r"[0-9a-z]{4}(?:-[0-9a-z]{4}){3}", page)


def signed_in(site: Site, name: str, profile: Profile = AT_HAA) -> Person:
    person = joined(site, name, profile)
    assert person.sign_in().status_code == 303
    return person
