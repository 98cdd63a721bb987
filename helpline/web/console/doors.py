"""The doors of the console: every route is one row that says who may come in.

A module of pages has a list `DOORS`; `helpline/web/console/__init__.py` joins them. The guard
checks each row before its `answer` runs: signed in, the act, the desk in the path, the form token.
The tests walk the table, so that a route that stands nowhere else fails.

Words: `_("...")` in templates, `O_("...")` in Python, `Refused("... {name} ...", name=...)` for
what the rules forbid; their catalogue is `locales/*/LC_MESSAGES/console.po`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.responses import Response

from helpline.core.access import Act
from helpline.web.console.visit import Visit

GET, POST = "GET", "POST"
Answer = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Door:
    """`act` None: nobody needs to be signed in. `{desk}` in the path must be one of the officer's
    desks. `quiet`: it is asked for by a page, not a person, and does not keep a login alive."""

    method: str
    path: str
    answer: Answer
    act: Act | None
    quiet: bool = False
