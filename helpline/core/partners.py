"""Who a desk may send a referral to: sub-desks and partners, which take no callbacks."""

from collections.abc import Iterator

from helpline.core.directory import Desk, Directory

# What a partner is: never said to callers, so these need no words for them.
PARTNER_KINDS = frozenset(
    {
        "health_service",
        "ngo_service",
        "protection_service",
        "shelter",
        "social_affairs",
        "victim_care",
    }
)


def only_receives(desk: Desk) -> bool:
    """A desk that no caller sees and that answers for no place: it is sent referrals alone."""
    return not desk.public and not desk.serves


def is_partner(desk: Desk) -> bool:
    """Not one of the programme's own teams."""
    return desk.kind in PARTNER_KINDS


def partners_of(directory: Directory, desk_code: str) -> tuple[Desk, ...]:
    """The verified desks to which this one may refer, its own sub-desks first.

    A sub-desk has a parent: it helps that desk and those which escalate to it. A partner without
    a parent helps every desk of the programme. Empty for a partner: nothing is passed on.
    """
    desk = directory.desks.get(desk_code)
    if desk is None or only_receives(desk):
        return ()
    return (*_below(directory, desk), *_anyones(directory, desk.programme))


def _below(directory: Directory, desk: Desk) -> Iterator[Desk]:
    for above in directory.ladder(desk.code):
        for other in _receiving(directory):
            if other.parent == above.code:
                yield other


def _anyones(directory: Directory, programme: str) -> Iterator[Desk]:
    for other in _receiving(directory):
        if not other.parent and other.programme == programme:
            yield other


def _receiving(directory: Directory) -> Iterator[Desk]:
    return (d for d in directory.desks.values() if d.verified and only_receives(d))
