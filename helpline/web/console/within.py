"""Whose desks somebody reaches: her own, and for an overview those that hand up to them."""

from helpline.web.console.visit import Visit


def within(visit: Visit, *, below: bool) -> frozenset[str]:
    own = visit.signed_in.desks
    if not below:
        return frozenset(own)
    directory = visit.content.directory
    under = (d for d in directory.desks if any(up.code in own for up in directory.ladder(d)))
    return frozenset({*own, *under})
