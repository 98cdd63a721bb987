"""`helpline translations`: tells faults and counts; `update` works on copies in these tests."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpline import catalogue
from helpline.catalogue import Fault
from tests.cli.tool import Tool

ANY = str(next(message.id for message in catalogue.read("en") if message.id))


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tool:
    """Works on a copy of the catalogues."""
    shutil.copytree(catalogue.LOCALES, tmp_path / "locales")
    monkeypatch.setattr(catalogue, "LOCALES", tmp_path / "locales")
    return Tool({"HELPLINE_DATA": str(tmp_path / "data")})


def untranslate(language: str, msgid: str) -> None:
    changed = catalogue.read(language)
    message = changed.get(msgid)
    assert message is not None
    message.string = ""
    catalogue.write(language, changed)


def remove(language: str, msgid: str) -> None:
    changed = catalogue.read(language)
    changed.delete(msgid)
    catalogue.write(language, changed)


def test_the_shipped_catalogues_are_complete(tool: Tool) -> None:
    ran = tool("translations", "check")
    assert (ran.code, ran.out) == (0, "Complete: dz, dz_Latn, ur, ur_Latn, km, en.\n")


def test_a_string_without_words_fails_the_check(tool: Tool) -> None:
    untranslate("km", ANY)
    ran = tool("translations", "check")
    assert ran.code == 1
    assert f"km: not translated: {ANY!r}" in ran.out
    assert "1 faults in" in ran.out


def test_faults_are_told_in_the_same_order_every_time(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faults() -> Iterator[Fault]:
        yield Fault("ur", "Yes", "not translated")
        yield Fault("dz", "No", "not translated")

    monkeypatch.setattr(catalogue, "faults", faults)
    told = tool("translations", "check").out.splitlines()
    assert told[:2] == ["dz: not translated: 'No'", "ur: not translated: 'Yes'"]


def test_update_brings_in_what_is_missing_and_says_so(tool: Tool) -> None:
    remove("ur", ANY)
    assert tool("translations", "check").code == 1
    ran = tool("translations", "update")
    assert (ran.code, ran.out) == (0, "ur: 1 strings wait for a translation.\n")
    message = catalogue.read("ur").get(ANY)
    assert message is not None
    assert message.string == ""
    assert f"ur: not translated: {ANY!r}" in tool("translations", "check").out


def test_update_of_fresh_catalogues_changes_no_words(tool: Tool) -> None:
    before = {
        language: {str(m.id): m.string for m in catalogue.read(language) if m.id}
        for language in catalogue.LANGUAGES
    }
    ran = tool("translations", "update")
    assert (ran.code, ran.out) == (0, "The catalogues hold every string of the source.\n")
    assert before == {
        language: {str(m.id): m.string for m in catalogue.read(language) if m.id}
        for language in catalogue.LANGUAGES
    }


def test_status_counts_and_tells_the_review(tool: Tool) -> None:
    untranslate("km", ANY)
    rows = json.loads(tool("translations", "status", "--json").out)
    assert [row["language"] for row in rows] == list(catalogue.LANGUAGES)
    by_language = {row["language"]: row for row in rows}
    assert by_language["km"]["translated"] == by_language["km"]["strings"] - 1
    assert by_language["ur"]["translated"] == by_language["ur"]["strings"] > 50
    counts = ("back_translated", "ok", "change", "unsure")
    assert all(type(row[name]) is int for row in rows for name in counts)
    assert catalogue.NOT_REVIEWED in by_language["dz"]["review"]


def test_status_for_people(tool: Tool) -> None:
    ran = tool("translations", "status")
    assert ran.code == 0
    head, *lines = ran.out.splitlines()
    assert head.split() == ["strings", "translated", "back-translated", "ok", "change", "unsure"]
    assert [line.split()[0] for line in lines] == list(catalogue.LANGUAGES)
    assert catalogue.NOT_REVIEWED in ran.out


def test_a_catalogue_that_says_nothing_of_its_review(tool: Tool) -> None:
    path = catalogue.path_of("km")
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "Review:" not in line), encoding="utf-8")
    assert "review not stated" in tool("translations", "status").out


def test_an_action_is_needed(tool: Tool) -> None:
    assert tool("translations").code == 2
