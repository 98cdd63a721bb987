"""Which desks an overview or a log is about: one's own, and those that hand up to them."""

from helpline.web.console.visit import Visit


def reach(visit: Visit) -> frozenset[str]:
    own, directory = visit.signed_in.desks, visit.content.directory
    under = (d for d in directory.desks if any(up.code in own for up in directory.ladder(d)))
    return frozenset({*own, *under})
