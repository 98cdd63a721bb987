"""Roles, routes and desks: the table of doors, walked by everybody, over real HTTP."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import httpx2
import pytest
from starlette.routing import Route

from helpline import runtime
from helpline.core.access import MAY, Act, Role
from helpline.redisd import EmbeddedRedis
from helpline.store import officers
from helpline.web.app import create
from helpline.web.console import DOORS, cookies
from helpline.web.console.doors import GET, POST, Door
from tests.web.site import Site, site
from tests.world import HAA, PARO, THIMPHU

# Who may do what, said here once more by hand: a change in core/access.py must be meant.
EXPECTED: Mapping[Role, set[Act]] = {
    Role.OFFICER: {Act.OWN, Act.WORK, Act.RECEIVE},
    Role.SUPERVISOR: {
        Act.OWN, Act.WORK, Act.REVIEW, Act.BOARD, Act.ROSTER, Act.REPORTS, Act.AUDIT, Act.RECEIVE,
    },
    Role.ADMINISTRATOR: {Act.OWN, Act.ACCOUNTS, Act.AUDIT, Act.REPORTS},
    Role.PARTNER: {Act.OWN, Act.RECEIVE},
}  # fmt: skip
OPEN = {"/console/sign-in", "/console/sign-out", "/console/join/{invitation}"}  # without a login


@dataclass(frozen=True)
class Inside:
    here: Site
    tokens: Mapping[Role, str]

    def client(self, role: Role | None) -> httpx2.Client:
        name = cookies.name_of(cookies.LOGIN, self.here.parts)
        held = {} if role is None else {name: self.tokens[role]}
        return httpx2.Client(base_url=self.here.base, cookies=held, trust_env=False)


@pytest.fixture(scope="module")
def inside(
    tmp_path_factory: pytest.TempPathFactory, redis_server: EmbeddedRedis
) -> Iterator[Inside]:
    """One person of each role, all at Paro's desk; nobody at Haa's or Thimphu's."""
    with site(tmp_path_factory.mktemp("doors"), redis_server.url) as here:
        parts, tokens = here.parts, {}
        with parts.record.writing() as connection:
            for role in Role:
                name = f"one {role.value}"
                officers.put(connection, name, woman=True, desks=[PARO], role=role)
                officer = officers.named(connection, name)
                assert officer is not None
                tokens[role] = parts.visits.begin(connection, officer, "test", runtime.now())
        yield Inside(here, tokens)


def path_of(door: Door, desk: str = PARO) -> str:
    """The door's path with a desk and, for the rest, things that do not exist."""
    filled = door.path.replace("{desk}", desk).replace("{callback}", "999")
    return re.sub(r"\{(\w+)\}", lambda m: "1" if m[1] == "officer" else "nothing", filled)


def knock(client: httpx2.Client, door: Door, desk: str = PARO) -> int:
    if door.method == GET:
        with client.stream("GET", path_of(door, desk)) as answer:
            return answer.status_code
    return client.post(path_of(door, desk), data={"token": "not this one"}).status_code


def name_of(door: Door) -> str:
    return f"{door.method} {door.path}"


EVERY_DOOR = pytest.mark.parametrize("door", DOORS, ids=name_of)


def test_the_roles_may_what_they_are_meant_to() -> None:
    assert {role: set(acts) for role, acts in MAY.items()} == EXPECTED


def test_every_route_of_the_console_is_a_door(inside: Inside) -> None:
    served = {
        (method, route.path)
        for route in create(inside.here.parts).routes
        if isinstance(route, Route) and route.path.startswith("/console")
        for method in route.methods or ()
        if method != "HEAD"
    }
    assert served == {(door.method, door.path) for door in DOORS}


def test_only_signing_in_and_out_and_joining_need_no_login() -> None:
    assert {door.path for door in DOORS if door.act is None} == OPEN


def test_doors_of_a_case_name_the_desk_in_their_path() -> None:
    """So that the guard checks it, whatever a page forgets."""
    for door in DOORS:
        assert "{callback" not in door.path or "{desk}" in door.path


@EVERY_DOOR
def test_nobody_comes_in_without_a_login(inside: Inside, door: Door) -> None:
    with inside.client(None) as client:
        status = knock(client, door)
    if door.act is None:
        assert status not in (401, 403)
    else:
        assert status == 303  # to the page to sign in


@EVERY_DOOR
@pytest.mark.parametrize("role", Role)
def test_each_role_comes_in_where_it_may_and_nowhere_else(
    inside: Inside, door: Door, role: Role
) -> None:
    if door.act is None:
        return
    with inside.client(role) as client:
        status = knock(client, door)
    if door.act in EXPECTED[role]:
        assert status != 403
        assert status < 500
    else:
        assert status == 403


@EVERY_DOOR
@pytest.mark.parametrize("desk", [HAA, "nowhere"])
def test_safety_23_nobody_comes_in_at_a_desk_that_is_not_hers(
    inside: Inside, door: Door, desk: str
) -> None:
    """A supervisor of Paro works at Paro alone, though Haa hands up to it."""
    if "{desk}" not in door.path:
        return
    with inside.client(Role.SUPERVISOR) as client:
        assert knock(client, door, desk) == 403


@EVERY_DOOR
def test_a_desk_above_is_never_in_reach(inside: Inside, door: Door) -> None:
    if "{desk}" not in door.path:
        return
    with inside.client(Role.SUPERVISOR) as client:
        assert knock(client, door, THIMPHU) == 403


@EVERY_DOOR
def test_a_form_without_its_token_changes_nothing(inside: Inside, door: Door) -> None:
    if door.method != POST or door.act is None:
        return
    (role, *_) = [role for role in Role if door.act in EXPECTED[role]]
    before = inside.here.parts.record.changes()
    with inside.client(role) as client:
        answer = client.post(path_of(door), data={"token": "another"})
        assert answer.status_code == 409
        foreign = {"sec-fetch-site": "cross-site"}
        assert client.post(path_of(door), data={"a": "b"}, headers=foreign).status_code == 403
    assert inside.here.parts.record.changes() == before


@EVERY_DOOR
def test_pages_are_never_kept_and_run_nothing_of_others(inside: Inside, door: Door) -> None:
    if door.method != GET or "/events" in door.path:
        return
    (role, *_) = [r for r in Role if door.act is None or door.act in EXPECTED[r]]
    with inside.client(role) as client:
        answer = client.get(path_of(door))
    headers = answer.headers
    assert headers["cache-control"] == "no-store"
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy and "default-src 'none'" in policy
    assert headers["referrer-policy"] == "no-referrer"
    if answer.headers.get("content-type", "").startswith("text/html"):
        assert not re.search(r"<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|<style", answer.text)
