"""Log lines: fields from an allow-list, and never a value of a caller's."""

import asyncio
import gc
import io
import json
import logging
import sys
from collections.abc import Callable, Iterator

import pytest

from helpline import logs

# Not of tests.private: these tests put them on purpose into records that pytest shows.
NUMBER, WORDS = "+97510000077", "she sleeps at the neighbours"
FIELDS = {
    "callback", "channel", "count", "error", "gateway", "kind", "ms", "outcome", "path",
    "process", "queue", "reason", "row", "screen", "seconds", "status", "url",
}  # fmt: skip
Lines = Callable[[], list[dict[str, object]]]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """Logs as a process does; gives what was written to standard error since the last call."""
    root, ours, written = logging.getLogger(), logging.getLogger("helpline"), io.StringIO()
    handlers, levels = root.handlers[:], (root.level, ours.level)
    monkeypatch.setattr(sys, "stderr", written)
    logs.configure("INFO")

    def read() -> list[dict[str, object]]:
        found = [json.loads(line) for line in written.getvalue().splitlines()]
        written.truncate(0)
        return found

    yield read
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


def said(line: dict[str, object]) -> bool:
    written = json.dumps(line, ensure_ascii=False)
    return NUMBER in written or WORDS in written


def test_the_list_of_allowed_fields_grows_only_on_purpose() -> None:
    assert logs.FIELDS == FIELDS


def test_a_line_is_one_json_object(lines: Lines) -> None:
    logs.event("outbox.done", row=7, outcome="sent")
    (line,) = lines()
    assert line.pop("at")
    assert line == {"level": "INFO", "event": "outbox.done", "row": 7, "outcome": "sent"}


@pytest.mark.parametrize("name", ["number", "text", "body", "msisdn", "headers", "secret"])
def test_another_field_is_refused_without_its_value(lines: Lines, name: str) -> None:
    with pytest.raises(ValueError, match=name) as refused:
        logs.event("turn", **{name: NUMBER, "row": 1})  # type: ignore[arg-type]
    assert NUMBER not in str(refused.value)
    assert lines() == []


def test_the_level_is_the_configured_one(lines: Lines) -> None:
    logs.event("quiet", level=logging.DEBUG)
    logs.event("loud", level=logging.ERROR)
    assert [line["event"] for line in lines()] == ["loud"]


def test_an_exception_leaves_its_type_and_place_and_no_value(lines: Lines) -> None:
    try:
        int(WORDS)
    except ValueError:
        logging.getLogger("helpline").exception("turn.failed")
    (line,) = lines()
    assert line["error"] == "ValueError"
    path, _, number = str(line["where"]).rpartition(":")
    assert path == __file__
    assert number.isdigit()
    assert not said(line)


def test_an_exception_with_a_cause_leaves_no_value_either(lines: Lines) -> None:
    try:
        try:
            raise KeyError(NUMBER)
        except KeyError as cause:
            raise RuntimeError(WORDS) from cause
    except RuntimeError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")
    (line,) = lines()
    assert line["error"] == "RuntimeError"
    assert str(line["event"]).startswith("uvicorn.error: Exception in ASGI application")
    assert not said(line)


@pytest.mark.parametrize(
    ("logger", "message", "arguments"),
    [
        ("uvicorn.asgi", '%s - "%s %s HTTP/%s" %d', ("x", "POST", f"/hooks/{WORDS}", "1.1", 200)),
        ("uvicorn.error", "Invalid HTTP request received from %s", (NUMBER,)),
        ("rq.worker", "Job %s failed: %s", ("send-1", WORDS)),
        ("rq.worker", "%(job)s", ({"job": WORDS},)),
        ("twilio.http_client", "%s Request: %s", ("POST", NUMBER)),
        ("sqlalchemy.engine", "[raw sql] %r", ((NUMBER, WORDS),)),
    ],
)
def test_other_libraries_lose_their_arguments(
    lines: Lines, logger: str, message: str, arguments: tuple[object, ...]
) -> None:
    logging.getLogger(logger).warning(message, *arguments)
    (line,) = lines()
    assert line["event"] == f"{logger}: {message}"
    assert not said(line)


def test_other_libraries_are_silent_below_a_warning(lines: Lines) -> None:
    logging.getLogger("urllib3").info("Starting %s", "x")
    assert lines() == []


def test_a_message_that_is_an_exception_itself_loses_its_value(lines: Lines) -> None:
    logging.getLogger("some.library").warning(ValueError(WORDS))
    (line,) = lines()
    assert not said(line)


def test_a_task_that_nobody_waited_for_leaves_no_value(lines: Lines) -> None:
    """asyncio writes the exception into the message itself."""

    async def fails() -> None:
        raise ValueError(WORDS)

    async def leave() -> None:
        task = asyncio.get_running_loop().create_task(fails())
        await asyncio.wait([task])
        del task
        gc.collect()

    asyncio.run(leave())
    (line,) = lines()
    assert str(line["event"]).startswith("asyncio: Task exception was never retrieved")
    assert not said(line)
