"""Which officer may take a callback, and when nobody there can: rules over skills and presence.

A woman and a trained child interviewer are hard rules. A language is one as long as somebody at the
desk has it; else the request would wait for nobody, and an interpreter is the officer's to find.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from helpline.core.programme import Rules
from helpline.core.report import Priority, Report

WAIT, NEXT = "wait", "next"  # what the caller chose when no such officer is there


@dataclass(frozen=True, slots=True)
class Needs:
    """What a callback asks of its officer. `language` is the caller's, "" when not known."""

    woman: bool = False
    interviewer: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True)
class Skills:
    """`speaks` are callers' languages; none written down means that nothing is known."""

    woman: bool = False
    interviewer: bool = False
    speaks: tuple[str, ...] = ()

    def understands(self, language: str) -> bool:
        """In whatever script it is written; English is everybody's."""
        known = {spoken.partition("_")[0] for spoken in self.speaks} | {"en", ""}
        return not self.speaks or language.partition("_")[0] in known


def needs_interviewer(rules: Rules, report: Report) -> bool:
    """Whether this is one of the child's cases that the programme keeps for trained officers."""
    told = {report.concern, f"{report.concern}.{report.form}"}
    return report.about == "child" and bool(told & rules.interviewer_for)


class Lack(Enum):
    WOMAN = "woman"
    INTERVIEWER = "interviewer"
    LANGUAGE = "language"


def lacking(needs: Needs, skills: Skills, team: Iterable[Skills]) -> Lack | None:
    """Why this officer may not take it; None when she may. `team` is everybody at the desk."""
    if needs.woman and not skills.woman:
        return Lack.WOMAN
    if needs.interviewer and not skills.interviewer:
        return Lack.INTERVIEWER
    if skills.understands(needs.language):
        return None
    others = (one for one in team if one.speaks and one.understands(needs.language))
    return Lack.LANGUAGE if any(suits(needs, one) for one in others) else None


def suits(needs: Needs, skills: Skills) -> bool:
    """The hard rules alone."""
    return (skills.woman or not needs.woman) and (skills.interviewer or not needs.interviewer)


@dataclass(frozen=True, slots=True)
class Team:
    """A desk's officers. `rostered`: it keeps shifts, so that who is not on shift is not there."""

    members: tuple[Skills, ...] = ()
    on_shift: tuple[Skills, ...] = ()
    rostered: bool = False
    closed: bool = False  # by its opening hours, now

    @property
    def present(self) -> tuple[Skills, ...]:
        return self.on_shift if self.rostered else self.members

    def has(self, needs: Needs) -> bool:
        return any(suits(needs, skills) for skills in self.present)


def would_pass_unheard(needs: Needs, if_nobody: str, team: Team, above: Sequence[Team]) -> bool:
    """Whether its safe time, which is now, would pass before the desk opens, while somebody above
    is there. Whoever is on shift at a closed desk is there; who waits for a woman waits."""
    if not team.closed or (team.rostered and team.on_shift):
        return False
    waits = needs.woman and if_nobody == WAIT
    return not waits and any(not one.closed and one.has(needs) for one in above)


def rises(
    needs: Needs, priority: Priority, if_nobody: str, team: Team, above: Sequence[Team]
) -> bool:
    """Whether a callback goes one level up at once, without waiting for its deadline.

    Danger does where nobody is there. A child interviewer's case does where none is. A request for
    a woman does only when the caller chose so. It never does when nobody above could help either.
    """
    if priority is Priority.DANGER and not team.has(needs):
        # The hard rules hold above as well; with nobody who suits, somebody present is next best:
        # she sees it, and finds the officer.
        better = [one for one in above if one.has(needs)]
        return bool(better) or (not team.present and any(one.present for one in above))
    untrained = needs.interviewer and not team.has(Needs(interviewer=True))
    asked = untrained or (needs.woman and if_nobody == NEXT)
    return asked and not team.has(needs) and any(one.has(needs) for one in above)
