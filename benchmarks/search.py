"""What one search costs: time against a plain dictionary look-up, and memory.

python -m benchmarks.search > benchmarks/search.txt
"""

import gc
import time
import tracemalloc

from helpline import directory
from helpline.core.directory import Directory
from helpline.core.spelling import Writing
from tests.core.misspellings import cases

SORTS = ("exact", "one edit", "two edits", "all vowels dropped")
ROUNDS = 2000  # of the dictionary look-up, which is too short to be timed alone


def main() -> None:
    tracemalloc.start()
    known = directory.load()
    places, _ = tracemalloc.get_traced_memory()
    _ = known.index
    both, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"{len(known.places)} places of three countries: {places / 2**20:.1f} MB;")
    print(f"with the index of {names(known)} names: {both / 2**20:.1f} MB.")
    plain = looked_up(known)
    print(f"\nOne look-up in a dictionary of the names: {plain * 1e6:.2f} us.")
    print(f"\n{'script':8} {'mistake':18} searches  p50 ms  p99 ms  p50 in look-ups")
    gc.disable()
    for writing in Writing:
        for sort in SORTS:
            times = timed(known, sort, writing)
            middle, last = times[len(times) // 2], times[len(times) * 99 // 100]
            shown = f"{middle * 1e3:7.2f} {last * 1e3:7.2f} {middle / plain:16.0f}"
            print(f"{writing.value:8} {sort:18} {len(times):8} {shown}")


def names(known: Directory) -> int:
    return len({name for place in known.places.values() for name in place.names})


def looked_up(known: Directory) -> float:
    """Seconds for one plain look-up, the best of five."""
    table = {name: place.code for place in known.places.values() for name in place.names}
    wanted = list(table)[:ROUNDS]
    best = 1.0
    for _ in range(5):
        began = time.perf_counter()
        for name in wanted:
            table[name]
        best = min(best, (time.perf_counter() - began) / len(wanted))
    return best


def timed(known: Directory, sort: str, writing: Writing) -> list[float]:
    """Seconds of each search, in rising order."""
    found = []
    for case in cases(known, sort, writing, seed=1, most=1000):
        began = time.perf_counter()
        known.index.find(case.typed, case.country)
        found.append(time.perf_counter() - began)
    return sorted(found)


if __name__ == "__main__":
    main()
