"""What the test callers own and type; none of it may reach a log or the terminal."""

import json
from urllib.parse import quote, quote_plus

PRIVATE_NUMBERS = ["+97510000001", "+923800000001", "+85520000001", "+97510000011"]
PRIVATE_WORDS = [
    "my-secret-words",
    "he beats me at night",
    "ཁོ་གིས་ང་ནུབ་མོ་རྡུངས་ཡི",
    "وہ مجھے رات کو مارتا ہے",
    "គាត់វាយខ្ញុំនៅពេលយប់",
]


def traces(text: str) -> list[str]:
    """The private numbers (with or without plus) and words in `text`, plain or escaped."""
    numbers = [number for number in PRIVATE_NUMBERS if number.lstrip("+") in text]
    return numbers + [word for word in PRIVATE_WORDS if any(form in text for form in _forms(word))]


def _forms(word: str) -> set[str]:
    return {word, quote(word), quote_plus(word), json.dumps(word)[1:-1]}
