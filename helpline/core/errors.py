"""Every exception the helpline raises on purpose. A wrong answer from a caller is never one.

HelplineError
├── ConfigError          the deployment is set up wrongly; all problems at once
├── ContentError         a flow, catalogue or directory table is wrong; refuses to start
├── RefusedRequest       a webhook that is not believed or not understood (HTTP 400/403/413)
├── RecordUnavailable    the SQL record did not take or give a row in time
├── RecordFault          the record refused a change: a fault of ours, named without any value
├── Refused              the rules of a callback's life forbid what was asked
├── SealBroken           sealed content does not open: wrong key, wrong case or altered bytes
└── GatewayError         a provider did not take an MT; `retryable`: it may be tried again
"""

from helpline.core.label import Label, Text, english


class HelplineError(Exception):
    """Root of the tree above."""


class ConfigError(HelplineError):
    """Holds every problem found, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class ContentError(HelplineError):
    """Names the table and what is wrong with it."""


class RefusedRequest(HelplineError):
    """Carries the HTTP status and a reason that holds nothing of the request's content."""

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason
        super().__init__(f"{status} {reason}")


class RecordUnavailable(HelplineError):
    """Nothing was stored; the caller must be told so."""


class RecordFault(HelplineError):
    """Only the kind of the driver's error: its words may quote a row."""


class Refused(HelplineError):
    """A sentence for the officer: what was refused and what to do instead.

    `words` is a catalogue string with its {values}, so that `label` can be said in any language;
    as text it is English. Neither ever holds anything of a caller's.
    """

    def __init__(self, words: str, **values: Label | int) -> None:
        given = {name: str(v) if isinstance(v, int) else v for name, v in values.items()}
        self.label = Text(words, given)
        super().__init__(english(self.label))


class SealBroken(HelplineError):
    """Deliberately says nothing about the content or the key."""


class GatewayError(HelplineError):
    """`retryable` is true only when the provider certainly did not send the MT."""

    def __init__(self, reason: str, *, retryable: bool) -> None:
        self.retryable = retryable
        super().__init__(reason)
