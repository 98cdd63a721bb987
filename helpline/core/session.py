"""A dialogue's state between two turns: small, frozen, and serialised without loss."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Session:
    """`keys` maps each key of the shown page to what it does (`choice:3`, `page:2`, `back`).

    `history` is the gateway's cumulative text at the last turn; `text` and `ends` are the last
    answer, given again for a repeated turn. `filings` counts the turns that changed the record
    and so names the next one; `code`, `filed_at` and `when` belong to the last report filed.
    `found` is what the record answered last. `urgent`: the emergency number stands before this
    screen. `revision` is the directory's when the page was shown: its keys mean nothing on another.
    """

    flow: str
    version: int
    screen: str
    language: str = ""
    page: int = 0
    hint: bool = False
    wrong: int = 0
    answers: Mapping[str, str] = field(default_factory=dict)
    trail: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    history: str = ""
    text: str = ""
    ends: bool = False
    filings: int = 0
    code: str = ""
    filed_at: str = ""
    when: str = ""
    found: str = ""
    urgent: bool = False
    revision: int = 0

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, stored: bytes) -> "Session":
        """Raises ValueError, TypeError or KeyError on anything `to_json` did not write."""
        fields = json.loads(stored)
        return cls(**{**fields, "trail": tuple(fields["trail"])})
