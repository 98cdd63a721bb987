"""Requests by the reasons for contact that child helplines of many countries report alike.

The categories are those of Child Helpline International's data framework, of which its yearly
"Voices of Children & Young People Around the World" (childhelplineinternational.org; issuu.com/
chi-childhelplineinternational) counts contacts. Their wording here is that of Aselo, the case
software of its members: github.com/techmatters/flex-plugins, hrm-form-definitions/src/
aseloForms.ts, IssueCategorizationTab, read on 2026-11-22. What a concern does not say for certain
is not guessed: "Unspecified/Other" of its main category, or not classified at all.

A category depends on what was told (concern, its form, whom it is about) and not on the age that
an officer wrote down: ages are published in a table of their own, and the two together would give
away small numbers. For the same reason a category is made of parts of the concerns whose numbers
are shown, and of nothing else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from helpline.core.label import O_
from helpline.core.periods import Period
from helpline.core.statistics import UNKNOWN, By, CaseFacts, part
from helpline.core.suppression import HIDDEN, Cell, Shown, added, hide

ADULT = "adult"  # whom a report is about: the only one of its answers that is surely no child
CHILD = "child"


@dataclass(frozen=True, slots=True)
class Category:
    main: str
    sub: str


def _violence(sub: str) -> Category:
    return Category(O_("Violence"), sub)


_OTHER = O_("Unspecified/Other")
SEXUAL = _violence(O_("Sexual violence"))
EXPLOITED = _violence(O_("Commercial sexual exploitation (offline)"))
LABOUR = _violence(O_("Child labour"))
VIOLENCE = _violence(_OTHER)
MISSING = Category(O_("Missing children"), O_("Lost, unaccounted for or otherwise missing child"))
UNCLASSIFIED = Category(O_("Not classified"), _OTHER)
ABOUT_ADULT = Category(O_("Not classified"), O_("About an adult"))

CATEGORIES = (SEXUAL, EXPLOITED, LABOUR, VIOLENCE, MISSING, UNCLASSIFIED, ABOUT_ADULT)


@dataclass(frozen=True, slots=True)
class Mapped:
    """One concern, or one form of it. `child` where the report says it is about a child, `said`
    where the caller speaks of herself and may be one or not."""

    concern: str
    form: str
    child: Category
    said: Category


def _always(concern: str, form: str, category: Category) -> Mapped:
    return Mapped(concern, form, category, category)


MAPPED = (
    _always("home", "", VIOLENCE),  # who was hurt, and how, is not asked
    _always("sexual", "", SEXUAL),
    _always("child", "", VIOLENCE),  # hurt or neglected
    _always("trafficking", "", VIOLENCE),
    _always("trafficking", "sexual", EXPLOITED),
    Mapped("trafficking", "work", LABOUR, VIOLENCE),
    Mapped("trafficking", "debt", LABOUR, VIOLENCE),
    _always("trafficking", "online", VIOLENCE),  # a false offer; what came of it is not known
    _always("trafficking", "unsure", VIOLENCE),
    _always("online", "", VIOLENCE),  # threats: bullying or sexual, nobody has said
    _always("law", "", UNCLASSIFIED),
    Mapped("missing", "", MISSING, UNCLASSIFIED),
    _always("other", "", UNCLASSIFIED),
    _always("unsaid", "", UNCLASSIFIED),
    _always(UNKNOWN, "", UNCLASSIFIED),
)
_ROWS: Mapping[tuple[str, str], Mapped] = {(row.concern, row.form): row for row in MAPPED}


def category(concern: str, form: str, about: str) -> Category:
    """An unknown form counts as none; an unknown concern is not classified."""
    row = _ROWS.get((concern, form)) or _ROWS.get((concern, "")) or _ROWS[UNKNOWN, ""]
    if about == ADULT:
        return ABOUT_ADULT
    return row.child if about == CHILD else row.said


@dataclass(frozen=True, slots=True)
class CategoryRow:
    category: Category
    requests: Cell


def by_category(
    facts: Iterable[CaseFacts], period: Period, concerns: Sequence[str], running: str
) -> tuple[CategoryRow, ...]:
    """The requests of what has ended of a period, in the order of CATEGORIES.

    Each concern is parted by itself: its parts are told only if its own number is, and then small
    ones among them are hidden as in a table of their own.
    """
    by_month: dict[str, list[CaseFacts]] = {month: [] for month in period.ended(running)}
    for fact in facts:
        if fact.month in by_month:
            by_month[fact.month].append(fact)
    found: dict[Category, list[Cell]] = {known: [Cell(0)] * len(by_month) for known in CATEGORIES}
    for month in by_month.values():
        for parted in _parts(month, concerns):
            for known, cell in parted.items():
                found[known].append(cell)
    return tuple(CategoryRow(known, _sum(cells)) for known, cells in found.items())


def _sum(cells: Sequence[Cell]) -> Cell:
    """One hidden part is not called small: in another concern there may be more of them."""
    told = [cell for cell in cells if cell != Cell(0)]
    return added([*told, Cell(0)] if cells else ())


def _parts(
    facts: Iterable[CaseFacts], concerns: Sequence[str]
) -> Iterable[Mapping[Category, Cell]]:
    told = part(facts, By.CONCERN, concerns)
    numbers = hide({concern: len(those) for concern, those in told.items()})
    for concern, those in told.items():
        possible = dict.fromkeys(_possible(concern), 0)
        for fact in those:
            possible[category(concern, fact.form, fact.about)] += 1
        if numbers[concern].shown is Shown.HIDDEN:
            yield dict.fromkeys(possible, HIDDEN)
        else:
            parts = hide({str(at): n for at, n in enumerate(possible.values())})
            yield dict(zip(possible, parts.values(), strict=True))


def _possible(concern: str) -> list[Category]:
    """All categories that a request with this concern may have."""
    rows = [row for row in MAPPED if row.concern == concern] or [_ROWS[UNKNOWN, ""]]
    said = [found for row in rows for found in (row.child, row.said)]
    return [known for known in CATEGORIES if known in said or known is ABOUT_ADULT]
