"""Catalogues: every string of the flows in every language, from `locales/`, read once at start.

A missing or stale string refuses to start: nothing falls back to English in silence.
"""

import io
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from helpline.catalogue import review, wording
from helpline.catalogue.review import NOT_REVIEWED as NOT_REVIEWED
from helpline.core.errors import ContentError
from helpline.core.label import Voice
from helpline.core.programme import RTL

ROOT = Path(__file__).resolve().parent.parent.parent
LOCALES = ROOT / "locales"


@dataclass(frozen=True, slots=True)
class Domain:
    """One set of catalogues: who reads it, where its words are, and how they are marked."""

    name: str
    languages: tuple[str, ...]
    sources: tuple[str, ...]
    marks: tuple[str, ...]


CALLERS = Domain(
    "helpline",
    ("dz", "dz_Latn", "ur", "ur_Latn", "km", "en"),
    ("flows", "helpline/core", "helpline/service", "helpline/web"),
    ("N_",),
)
OFFICERS = Domain(
    "console",
    ("dz", "ur", "km", "en"),
    ("helpline/core", "helpline/service", "helpline/web"),
    ("O_", "_", "Refused"),
)
DOMAINS = (CALLERS, OFFICERS)
LANGUAGES = CALLERS.languages


def path_of(language: str, domain: Domain = CALLERS) -> Path:
    return LOCALES / language / "LC_MESSAGES" / f"{domain.name}.po"


def template(domain: Domain = CALLERS) -> Catalog:
    """Every marked string in the source, with the places and notes for translators."""
    catalog = Catalog(project=domain.name, charset="utf-8")
    for folder in domain.sources:
        found = extract_from_dir(
            ROOT / folder,
            method_map=[("**.py", "python"), ("**.html", "jinja2")],
            keywords=dict.fromkeys(domain.marks),
            comment_tags=("NOTE:",),
            strip_comment_tags=True,
        )
        for name, _line, msgid, comments, _context in sorted(found, key=lambda row: row[:2]):
            place = (f"{folder}/{Path(name).as_posix()}", 0)
            if isinstance(msgid, tuple):  # a call with values beside its words
                msgid = msgid[0]
            catalog.add(msgid, locations=[place], auto_comments=comments)
    return catalog


def read(language: str, domain: Domain = CALLERS) -> Catalog:
    with path_of(language, domain).open("rb") as stored:
        return read_po(stored, charset="utf-8")


def voices(languages: tuple[str, ...] = LANGUAGES, domain: Domain = CALLERS) -> Mapping[str, Voice]:
    """One voice per language. Raises ContentError when a string is missing at the time of use."""
    return {language: voice(language, read(language, domain)) for language in languages}


def voice(language: str, catalog: Catalog) -> Voice:
    """The voice that a catalogue gives, also one that is not written yet."""
    strings = {
        str(message.id): str(message.string) for message in catalog if message.id and message.string
    }

    def translate(msgid: str) -> str:
        if not msgid:
            return ""
        try:
            return strings[msgid]
        except KeyError:
            raise ContentError(f"{lacks(language)} {msgid}") from None

    return Voice(language, translate, rtl=language in RTL)


def lacks(language: str) -> str:
    """How the sentence about a missing string begins."""
    return f"catalogue {language} lacks:"


@dataclass(frozen=True, slots=True)
class Fault:
    language: str
    msgid: str
    problem: str

    def __str__(self) -> str:
        return f"{self.language}: {self.problem}: {self.msgid!r}"


def faults() -> Iterator[Fault]:
    """What keeps the catalogues from being fresh and complete."""
    for domain in DOMAINS:
        yield from _faults_in(domain)


def _faults_in(domain: Domain) -> Iterator[Fault]:
    wanted = {str(message.id): message for message in template(domain) if message.id}
    for language in domain.languages:
        catalog = read(language, domain)
        if review.claims_too_much(catalog):
            yield Fault(language, "", "the header says reviewed, the verdicts do not")
        have = {str(message.id): message for message in catalog if message.id}
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
    for problem in wording.problems(language, msgid, said):
        yield Fault(language, msgid, problem)


def update() -> None:
    """Merges the template into every catalogue; new strings arrive empty, dead ones leave.

    So do back-translations and verdicts of words that were changed since.
    """
    for domain in DOMAINS:
        _update(domain)


def _update(domain: Domain) -> None:
    fresh = template(domain)
    for language in domain.languages:
        merged = read(language, domain)
        reviews = {message.id: review.review_of(message) for message in merged if message.id}
        merged.update(fresh, no_fuzzy_matching=True)
        merged.obsolete.clear()
        for message in merged:
            if language == "en":
                message.string = message.id
            review.put_review(message, reviews.get(message.id, review.NONE))
        review.settle_state(merged)
        write(language, merged, domain)


def write(language: str, catalog: Catalog, domain: Domain = CALLERS) -> None:
    """Whole or not at all: a reader finds the old file until the new one is complete."""
    path = path_of(language, domain)
    path.parent.mkdir(parents=True, exist_ok=True)
    written = io.BytesIO()
    write_po(written, catalog, width=100, sort_output=True, omit_header=False)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(written.getvalue())
    draft.replace(path)


def review_state(language: str) -> str:
    """What the catalogue's header says of its review; "" when it says nothing."""
    return review.state_of(read(language))
