"""Officers at a running web process: signed in, with a browser that runs no script."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from html import unescape

import httpx2

from helpline import runtime
from helpline.core.access import Role
from helpline.core.callback import Attempted
from helpline.core.report import Report
from helpline.runtime import Runtime
from helpline.service.filing import Filed, Origin
from helpline.store import callbacks, officers
from helpline.store.officers import Officer
from helpline.web.console.cookies import LOGIN, name_of
from tests.web.site import Site
from tests.world import HAA, NUMBER, open_for, report


@dataclass
class Browser:
    """One signed-in officer. Forms carry the token that the page gave."""

    base: str
    client: httpx2.Client
    officer: Officer
    token: str

    def get(self, path: str) -> httpx2.Response:
        return self.client.get(self.base + path)

    def page(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def post(self, path: str, **fields: str) -> httpx2.Response:
        return self.client.post(self.base + path, data={"token": self.token, **fields})


def words(page: str) -> str:
    """What a reader sees of a page, in one line."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def enrol(
    parts: Runtime, name: str, desk: str, *, role: Role = Role.OFFICER, language: str = "en"
) -> Officer:
    with parts.record.writing() as connection:
        officers.put(
            connection, name, woman=True, desks=[desk], role=role, language=language, speaks=["en"]
        )
        found = officers.named(connection, name)
    assert found is not None
    return found


@contextmanager
def signed_in(site: Site, officer: Officer) -> Iterator[Browser]:
    parts = site.parts
    with parts.record.writing() as connection:
        token = parts.visits.begin(connection, officer, "test", runtime.now())
    visitor = parts.visits.look(token, runtime.now())
    assert visitor is not None
    with httpx2.Client(
        timeout=20, trust_env=False, cookies={name_of(LOGIN, parts): token}
    ) as client:
        yield Browser(site.base, client, officer, visitor.login.form_token)


def filed(parts: Runtime, asked: Report | None = None) -> Filed:
    """A request in Haa whose safe time has just begun."""
    now = runtime.now()
    asked = asked or report(concern="home")
    asked = replace(asked, windows=open_for(1, start=now - timedelta(minutes=5)))
    with parts.record.writing() as connection:
        origin = Origin("bt-ussd", runtime.new_id(), NUMBER)
        return parts.filing.file_in(connection, origin, asked, now)


def reached(parts: Runtime, officer: Officer, asked: Report | None = None) -> int:
    """A callback that this officer rang and whose person was reached."""
    made, now = filed(parts, asked), runtime.now()
    with parts.record.reading() as connection:
        number = callbacks.of_case(connection, made.case_id).id
    line = parts.desk.claim(HAA, officer, number, now)
    parts.desk.attempt(HAA, officer, number, line.fence, now)
    outcome = Attempted.REACHED_SAFE
    parts.desk.record_attempt(HAA, officer, number, outcome, line.fence, now)
    return number
