"""Each system works end to end in every language of its programme, screen by screen."""

from pathlib import Path

import pytest

from helpline.core.engine import advance
from helpline.core.neutral import telling
from helpline.core.session import Session
from tests.flows.transcripts import FOLDER, INDENT, Transcript, played, replayed, said, walked

FILES = sorted(FOLDER.glob("*.txt"))
# The five systems, each with its own dialogues, and what is common to all of them.
SYSTEMS = {
    "Women and Child Protection Desks, Bhutan": {
        "bt_report",
        "bt_danger",
        "bt_sms_report",
        "bt_paro_unit",
        "bt_child_and_law",
    },
    "Counter-trafficking SOP, Bhutan": {"bt_trafficking", "bt_trafficking_rights"},
    "Gender facilitation desks, Quetta": {"pk_quetta_gender_desk", "pk_quetta_sms_desk"},
    "Child Protection Unit, Rajanpur": {"pk_rajanpur_child", "pk_rajanpur_rights"},
    "Child Protection Unit, Cambodia": {"kh_child_sexual_abuse", "kh_sms_child", "kh_province"},
    "every system": {
        "bt_hide_key",
        "bt_shortcut_rights",
        "bt_danger_no_call",
        "kh_find_a_desk",
        "kh_text_the_desk",
        "kh_no_text",
        "kh_dropped",
        "kh_nothing_sent",
        "pk_three_wrong_keys",
        "pk_lost_for_good",
        "pk_not_my_local_desk",
        "pk_case_change_time",
        "pk_case_stop",
        "bt_case_erase",
        "kh_case_unknown",
        "kh_case_ended",
        "bt_case_held",
        "bt_case_working",
        "bt_two_places",
        "bt_help_abroad",
        "bt_unit_of_phuentsholing",
        "pk_by_parts",
    },
}
RECORDED = ("* filed", "* told", "* asked for", "* time changed", "* withdrawn", "* erased")
EVERY_FILE = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
SECTIONS = [
    pytest.param(path, language, id=f"{path.stem}-{language}")
    for path in FILES
    for language in Transcript.parse(path.read_text(encoding="utf-8")).header.languages
]


def stored(path: Path) -> Transcript:
    return Transcript.parse(path.read_text(encoding="utf-8"))


def last_screen(section: str) -> str:
    """The lines shown last, without their indent."""
    lines: list[str] = []
    for line in reversed(section.splitlines()):
        if line.startswith(INDENT):
            lines.append(line.removeprefix(INDENT))
        elif lines:
            break
    return "\n".join(reversed(lines))


def test_every_system_has_its_transcripts() -> None:
    assert {path.stem for path in FILES} == set().union(*SYSTEMS.values())


def test_every_screen_is_visited() -> None:
    """A screen that nobody has read in a dialogue has not been read."""
    shown: set[str] = set()
    for path in FILES:
        shown |= walked(stored(path).header, "en").screens
    assert shown == said().flow.screens.keys()


@EVERY_FILE
def test_a_transcript_has_a_section_for_every_language_of_its_programme(
    path: Path, update_transcripts: bool
) -> None:
    transcript = stored(path)
    if update_transcripts:
        header = transcript.header
        sections = {language: played(header, language) for language in header.languages}
        path.write_text(Transcript(transcript.head, sections).render(), encoding="utf-8")
        transcript = stored(path)
    languages = [x.code for x in said().programmes[transcript.header.programme].languages]
    assert list(transcript.sections) == list(transcript.header.languages) == languages


@pytest.mark.parametrize(("path", "language"), SECTIONS)
def test_the_keys_give_exactly_the_screens_of_the_transcript(path: Path, language: str) -> None:
    transcript = stored(path)
    section = transcript.sections[language]
    assert replayed(transcript.header, section) == section


@pytest.mark.parametrize(("path", "language"), SECTIONS)
def test_the_way_in_the_header_leads_through_the_same_keys(path: Path, language: str) -> None:
    transcript = stored(path)
    assert played(transcript.header, language) == transcript.sections[language]


@pytest.mark.parametrize(("path", "language"), SECTIONS)
def test_every_language_records_the_same(path: Path, language: str) -> None:
    sections = stored(path).sections
    recorded = {
        name: [line for line in body.splitlines() if line.startswith(RECORDED)]
        for name, body in sections.items()
    }
    assert recorded[language] == recorded["en"]


@pytest.mark.parametrize(("path", "language"), SECTIONS)
def test_a_last_screen_tells_an_onlooker_nothing(path: Path, language: str) -> None:
    """SAFETY 5 and 13."""
    section = stored(path).sections[language]
    if section.endswith("* ends"):
        assert telling(last_screen(section), language) == []


@EVERY_FILE
def test_a_transcript_is_written_as_it_is_read(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert Transcript.parse(text).render() == text


def test_the_hidden_dialogue_does_not_go_on() -> None:
    header = stored(FOLDER / "bt_hide_key.txt").header
    player = said().player(header.programme, header.kind, header.budget)
    session, _ = player.page(player.begin("en"), header.clock)
    assert advance(player.script, session, "9", header.clock).hidden
    assert Session.from_json(session.to_json()) == session
