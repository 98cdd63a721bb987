"""Recall of the search on every name of every place, per script and sort of mistake.

python -m benchmarks.recall > benchmarks/recall.txt
"""

from helpline import directory
from helpline.core.spelling import Writing
from tests.core.misspellings import SHORTEST, SORTS, Score, cases

SEEDS = (1, 2, 3)


def main() -> None:
    known = directory.load()
    print(
        "Recall in percent at the first and among the first three answers; sure: answered without"
    )
    print("asking; wrong: sure and not the place that was meant. Every name of every place in the")
    print(f"directory, misspelt {len(SEEDS)} times, in names of {SHORTEST} letters and more.\n")
    print(f"{'script':8} {'mistake':18}  cases   at 1   at 3   sure  wrong")
    whole = Score()
    for writing in Writing:
        for sort in SORTS:
            score = Score()
            for seed in SEEDS:
                for case in cases(known, sort, writing, seed):
                    found = known.index.find(case.typed, case.country)
                    for one in (score, whole):
                        one.add(known, case, found)
            print(line(writing.value, sort, score))
    print(line("all", "all", whole))


def line(writing: str, sort: str, score: Score) -> str:
    shares = (score.share(n) for n in (score.first, score.third, score.sure))
    numbers = " ".join(f"{share:6.1f}" for share in shares)
    return f"{writing:8} {sort:18} {score.count:6} {numbers} {score.share(score.wrong):6.2f}"


if __name__ == "__main__":
    main()
