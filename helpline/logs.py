"""Structured log lines from an allow-list of fields: never a number, never typed text."""

import json
import logging
import sys
from datetime import UTC, datetime

FIELDS = frozenset(
    {
        "callback", "channel", "count", "error", "gateway", "kind", "ms", "outcome", "path",
        "process", "queue", "reason", "row", "screen", "seconds", "status", "url",
    }
)  # fmt: skip
_LOGGER = logging.getLogger("helpline")


def event(name: str, *, level: int = logging.INFO, **fields: str | int | float | bool) -> None:
    """Writes one line. A field outside FIELDS is a programming error and refused."""
    if stray := fields.keys() - FIELDS:
        raise ValueError(f"not allowed in a log line: {sorted(stray)}")
    _LOGGER.log(level, name, extra={"fields": fields})


class _Lines(logging.Formatter):
    """One JSON object a line; other libraries' messages keep their text but lose their values."""

    def format(self, record: logging.LogRecord) -> str:
        words = record.msg if record.name == "helpline" else f"{record.name}: {_template(record)}"
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "event": words,
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["where"] = _where(record)
        return json.dumps(line, ensure_ascii=False, default=str)


def _template(record: logging.LogRecord) -> str:
    """A foreign message without its values: its first line, arguments never filled in."""
    if isinstance(record.msg, str):
        return record.msg.partition("\n")[0]
    return type(record.msg).__name__


def _where(record: logging.LogRecord) -> str:
    """File and line of the innermost frame: enough to mend it, without any value."""
    assert record.exc_info is not None
    trace = record.exc_info[2]
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"


def configure(level: str) -> None:
    """Sends every log line of this process to standard error in this form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    _LOGGER.setLevel(level)
