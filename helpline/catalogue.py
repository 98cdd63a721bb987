"""Catalogues: every string of the flows in every language, from `locales/`, read once at start.

A missing or stale string refuses to start: nothing falls back to English in silence.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from helpline.core.errors import ContentError
from helpline.core.label import Voice
from helpline.core.programme import RTL

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ROOT / "locales"
LANGUAGES = ("dz", "dz_Latn", "ur", "ur_Latn", "km", "en")
DOMAIN = "helpline"
_SOURCES = ("flows", "helpline/core", "helpline/service")
NOT_REVIEWED = "not reviewed by a native speaker"


def path_of(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def template() -> Catalog:
    """Every marked string in the source, with the places and notes for translators."""
    catalog = Catalog(project=DOMAIN, charset="utf-8")
    for folder in _SOURCES:
        found = extract_from_dir(
            ROOT / folder,
            method_map=[("**.py", "python")],
            keywords={"N_": None},
            comment_tags=("NOTE:",),
            strip_comment_tags=True,
        )
        for name, _line, msgid, comments, _context in sorted(found, key=lambda row: row[:2]):
            place = (f"{folder}/{Path(name).as_posix()}", 0)
            catalog.add(msgid, locations=[place], auto_comments=comments)
    return catalog


def read(language: str) -> Catalog:
    with path_of(language).open("rb") as stored:
        return read_po(stored, charset="utf-8")


def voices(languages: tuple[str, ...] = LANGUAGES) -> Mapping[str, Voice]:
    """One voice per language. Raises ContentError when a string is missing at the time of use."""
    return {language: _voice(language) for language in languages}


def _voice(language: str) -> Voice:
    strings = {
        str(message.id): str(message.string)
        for message in read(language)
        if message.id and message.string
    }

    def translate(msgid: str) -> str:
        if not msgid:
            return ""
        try:
            return strings[msgid]
        except KeyError:
            raise ContentError(f"catalogue {language} lacks: {msgid}") from None

    return Voice(language, translate, rtl=language in RTL)


@dataclass(frozen=True, slots=True)
class Fault:
    language: str
    msgid: str
    problem: str

    def __str__(self) -> str:
        return f"{self.language}: {self.problem}: {self.msgid!r}"


def faults() -> Iterator[Fault]:
    """What keeps the catalogues from being fresh and complete."""
    wanted = {str(message.id): message for message in template() if message.id}
    for language in LANGUAGES:
        have = {str(message.id): message for message in read(language) if message.id}
        for msgid in wanted.keys() - have.keys():
            yield Fault(language, msgid, "missing, run `helpline translations update`")
        for msgid in have.keys() - wanted.keys():
            yield Fault(language, msgid, "no longer used, run `helpline translations update`")
        for msgid in wanted.keys() & have.keys():
            yield from _faults_of(language, msgid, str(have[msgid].string), have[msgid].fuzzy)


def _faults_of(language: str, msgid: str, said: str, fuzzy: bool) -> Iterator[Fault]:
    if not said or fuzzy:
        yield Fault(language, msgid, "not translated")
        return
    if placeholders(said) != placeholders(msgid):
        yield Fault(language, msgid, "placeholders differ")
    if "\ufffd" in said or "\ufeff" in said:
        yield Fault(language, msgid, "broken character")
    if (language.endswith("_Latn") or language == "en") and not said.isascii():
        yield Fault(language, msgid, "not plain Latin letters")


def placeholders(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name)


def update() -> None:
    """Merges the template into every catalogue; new strings arrive empty, dead ones leave."""
    fresh = template()
    for language in LANGUAGES:
        merged = read(language)
        merged.update(fresh, no_fuzzy_matching=True)
        merged.obsolete.clear()
        if language == "en":
            for message in merged:
                message.string = message.id
        write(language, merged)


def write(language: str, catalog: Catalog) -> None:
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stored:
        write_po(stored, catalog, width=100, sort_output=True, omit_header=False)


def review_state(language: str) -> str:
    """What the catalogue's header says of its review; "" when it says nothing."""
    header: str = read(language).header_comment
    for line in header.splitlines():
        if "Review:" in line:
            return line.partition("Review:")[2].strip()
    return ""
