"""Words to be shown, before a language is chosen: catalogue strings, place names, plain values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Translate = Callable[[str], str]


def N_(text: str) -> str:
    """Marks a string for the catalogues and returns it unchanged."""
    return text


def O_(text: str) -> str:
    """The same for words that only officers read: a catalogue of its own."""
    return text


@dataclass(frozen=True, slots=True)
class Name:
    """A proper name in each language that has one; English is always there."""

    en: str
    local: Mapping[str, str] = field(default_factory=dict)

    def in_language(self, language: str) -> str:
        return self.local.get(language) or self.en


@dataclass(frozen=True, slots=True)
class Text:
    """A catalogue string (its English is the key) and what fills its {placeholders}."""

    msgid: str
    params: Mapping[str, "Label"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Joined:
    """Two labels, one after the other, with a space between."""

    first: "Label"
    then: "Label"


Label = Text | Name | Joined | str


@dataclass(frozen=True, slots=True)
class Voice:
    """One language: how a catalogue string is said in it, and which way it runs."""

    language: str
    translate: Translate
    rtl: bool = False

    def say(self, label: Label) -> str:
        """The label in this language, placeholders filled in."""
        match label:
            case str():
                return label
            case Name():
                return label.in_language(self.language)
            case Joined(first, then):
                return f"{self.say(first)} {self.say(then)}"
            case Text():
                words = self.translate(label.msgid)
                if not label.params:
                    return words
                return words.format_map({k: self.say(v) for k, v in label.params.items()})


def english(label: Label) -> str:
    """The label in English, whose words are the catalogues' keys."""
    return Voice("en", lambda msgid: msgid).say(label)
