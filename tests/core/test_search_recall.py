"""How well misspelt names are found. `benchmarks/recall.py` measures the same on every name."""

from functools import cache

import pytest

from helpline import directory
from helpline.core.spelling import Writing
from tests.core.misspellings import EXACT, Score, cases

DIRECTORY = directory.load()
MOST = 400  # names of a script; there are fewer in Tibetan
# Recall at 1 and at 3, in percent. Two edits in a short name leave too little to promise anything.
WANTED = {
    **dict.fromkeys(EXACT, (99.0, 99.9)),
    "a vowel dropped": (95.0, 98.0),
    "one edit": (95.0, 98.0),
}


@cache
def scored(sort: str, writing: Writing) -> Score:
    score = Score()
    for case in cases(DIRECTORY, sort, writing, seed=1, most=MOST):
        score.add(DIRECTORY, case, DIRECTORY.index.find(case.typed, case.country))
    return score


@pytest.mark.parametrize("writing", Writing)
@pytest.mark.parametrize("sort", WANTED)
def test_recall(sort: str, writing: Writing) -> None:
    score = scored(sort, writing)
    first, third = WANTED[sort]
    assert score.share(score.first) >= first
    assert score.share(score.third) >= third


def test_hardly_ever_sure_and_wrong() -> None:
    scores = [scored(sort, writing) for sort in WANTED for writing in Writing]
    assert sum(s.wrong for s in scores) / sum(s.count for s in scores) < 0.005
