"""The places that the checker's walk chooses and types: one of each sort stands for all.

Pure.
"""

from helpline.core.nearest import nearest
from helpline.core.script import Script

# What a wrong table makes the core raise; a caller would get no answer.
BREAKS = (LookupError, AssertionError, StopIteration, RuntimeError)


def place_sort(script: Script, place: str) -> object:
    """Equal for places after which the dialogue differs in names only."""
    directory = script.directory
    if directory.places.country_of(place) != script.programme.country:
        return "abroad"
    near = nearest(directory, script.programme.code, place)
    ladder = tuple(directory.ladder(directory.desk_for(place).code))
    return directory.undecided(place), len(ladder) > 1, len(near), near[0].desk.hours.known


def places_to_type(script: Script) -> tuple[str, ...]:
    """What to type; nothing where the directory is broken: `check` finds that by itself."""
    try:
        return _places_to_type(script)
    except BREAKS:
        return ()


def _places_to_type(script: Script) -> tuple[str, ...]:
    """One name for each sort of place, one that several have, and one abroad."""
    places, country = script.directory.places, script.programme.country
    found: dict[object, str] = {}
    for code in sorted(places, key=lambda code: places.country_of(code) != country):
        sort = place_sort(script, code)
        if sort in found and ("several" in found or sort == "abroad"):
            continue
        said = script.directory.index.find(places[code].name.en, country)
        if said.place == code:
            found.setdefault(sort, places[code].name.en)
        elif len(said.candidates) > 1 and sort != "abroad":
            found.setdefault("several", places[code].name.en)
    return tuple(found.values())
