"""A session survives its store without loss, and foreign bytes are told apart from one."""

import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.session import Session

# A stray surrogate cannot be written as UTF-8; gateways decode before a session is made.
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
TABLES = st.dictionaries(WORDS, WORDS, max_size=5)
FIELDS: dict[str, st.SearchStrategy[object]] = {
    "flow": WORDS,
    "version": st.integers(),
    "screen": WORDS,
    "language": WORDS,
    "page": st.integers(),
    "hint": st.booleans(),
    "wrong": st.integers(),
    "answers": TABLES,
    "trail": st.lists(WORDS, max_size=12).map(tuple),
    "keys": TABLES,
    "history": WORDS,
    "text": WORDS,
    "ends": st.booleans(),
    "filings": st.integers(),
    "code": WORDS,
    "filed_at": WORDS,
    "when": WORDS,
    "found": WORDS,
    "urgent": st.booleans(),
    "revision": st.integers(),
}
DRAWN = FIELDS.keys()
SESSIONS = st.builds(Session, **FIELDS)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
NOT_A_SESSION = (ValueError, TypeError, KeyError)


@given(SESSIONS)
def test_a_session_comes_back_as_it_went(session: Session) -> None:
    assert Session.from_json(session.to_json()) == session


@given(SESSIONS)
def test_the_stored_form_is_stable_utf8(session: Session) -> None:
    stored = session.to_json()
    assert stored == Session.from_json(stored).to_json()
    stored.decode("utf-8")


def test_native_script_is_stored_as_it_is_and_not_as_escapes() -> None:
    session = Session("help", 1, "home", answers={"district": "ཐིམ་ཕུ"}, text="ភ្នំពេញ")
    assert "ཐིམ་ཕུ".encode() in session.to_json()
    assert "ភ្នំពេញ".encode() in session.to_json()


def test_a_session_too_young_to_have_answers_is_small() -> None:
    assert len(Session("help", 2, "home", language="dz").to_json()) < 300


def test_every_field_is_drawn_in_these_tests() -> None:
    """A field that is added without its store is found here and not by a caller."""
    sample = {field.name for field in fields(Session)}
    stored = json.loads(Session("help", 2, "home").to_json())
    assert sample == set(stored) == DRAWN


@pytest.mark.parametrize(
    ("name", "value"), [("filed_at", ""), ("found", ""), ("urgent", False), ("code", "")]
)
def test_a_session_stored_before_a_field_was_added_reads_as_if_nothing_was_filed(
    name: str, value: object
) -> None:
    older = json.loads(Session("help", 2, "home", code="c", filed_at="t", found="f").to_json())
    del older[name]
    assert getattr(Session.from_json(json.dumps(older).encode()), name) == value


@given(st.binary())
def test_any_bytes_raise_only_what_the_store_expects(stored: bytes) -> None:
    with pytest.raises(NOT_A_SESSION):
        Session.from_json(stored)


@given(JSON_VALUES)
def test_any_other_json_raises_only_what_the_store_expects(value: object) -> None:
    with pytest.raises(NOT_A_SESSION):
        Session.from_json(json.dumps(value).encode())


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"null",
        b"7",
        b"[]",
        b'"text"',
        b"{}",
        b'{"trail": []}',
        b'{"trail": null, "flow": "help", "version": 1, "screen": "home"}',
        b'{"trail": [], "flow": "help", "version": 1, "screen": "home", "colour": "red"}',
        b'{"trail": [], "flow": "help", "version": 1}',
        b"\xff\xfe",
    ],
)
def test_bytes_that_are_nearly_a_session_are_refused(stored: bytes) -> None:
    with pytest.raises(NOT_A_SESSION):
        Session.from_json(stored)
