"""Texts long enough to be cut: alone, Hypothesis makes texts of about five letters."""

from collections.abc import Sequence

from hypothesis import strategies as st


def _of_length(letters: Sequence[str], least: int, most: int) -> st.SearchStrategy[str]:
    def exactly(length: int) -> st.SearchStrategy[str]:
        return st.lists(st.sampled_from(letters), min_size=length, max_size=length).map("".join)

    return st.integers(least, most).flatmap(exactly)


def _repeated(letters: Sequence[str], most: int) -> st.SearchStrategy[str]:
    """A few syllables, each said many times: long, and small to draw."""
    syllable = st.lists(st.sampled_from(letters), min_size=1, max_size=8).map("".join)
    times = st.integers(1, max(1, most // 16))
    run = st.tuples(syllable, times).map(lambda pair: pair[0] * pair[1])
    return st.lists(run, min_size=1, max_size=6).map(lambda runs: "".join(runs)[:most])


def texts(letters: Sequence[str], most: int) -> st.SearchStrategy[str]:
    """Texts of up to `most` of these letters or words; half of them are longer than a sixth."""
    return st.one_of(
        _of_length(letters, 0, most // 8),
        _of_length(letters, most // 8, most // 2),
        _repeated(letters, most),
    )
