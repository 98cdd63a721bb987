"""Who may do what: one table of roles and acts, and whose desks a role reaches."""

from collections.abc import Mapping
from enum import Enum


class Role(Enum):
    """`administrator` looks after accounts and reads no case; `partner` sees what was shared."""

    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    PARTNER = "partner"


class Act(Enum):
    """What a route or a command lets somebody do."""

    OWN = "own"  # one's own account: language, logins, recovery codes
    WORK = "work"  # the queue and the cases of one's desks
    REVIEW = "review"  # decide about what is held or in review; hand to another desk
    BOARD = "board"  # see workload and shifts of one's desks and those below them
    ROSTER = "roster"  # plan shifts of others
    REPORTS = "reports"
    ACCOUNTS = "accounts"
    AUDIT = "audit"
    RECEIVE = "receive"  # referrals that one's desk was sent


MAY: Mapping[Role, frozenset[Act]] = {
    Role.OFFICER: frozenset({Act.OWN, Act.WORK, Act.RECEIVE}),
    Role.SUPERVISOR: frozenset(
        {
            Act.OWN,
            Act.WORK,
            Act.REVIEW,
            Act.BOARD,
            Act.ROSTER,
            Act.REPORTS,
            Act.AUDIT,
            Act.RECEIVE,
        }
    ),
    Role.ADMINISTRATOR: frozenset({Act.OWN, Act.ACCOUNTS, Act.AUDIT, Act.REPORTS}),
    Role.PARTNER: frozenset({Act.OWN, Act.RECEIVE}),
}


def may(role: Role, act: Act) -> bool:
    return act in MAY[role]
