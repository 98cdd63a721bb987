"""What a phone's dialogues leave behind for the next one: language, where it was cut off, limits.

None of it is needed for an answer: with Redis gone everything is asked again.
"""

from dataclasses import dataclass, replace

from helpline.core.effects import Erase, FindCase
from helpline.core.engine import Turn
from helpline.core.message import MO
from helpline.core.play import Player
from helpline.core.session import Session
from helpline.gateways.base import Channel
from helpline.service.dialogue import Step
from helpline.store.memory import Memory, Spoken

RESUME = 10 * 60  # seconds from the dialling of a call until it cannot be gone on with
GUESSES = 10  # request numbers that a phone may try in an hour without opening one


@dataclass(frozen=True)
class Remembering:
    memory: Memory

    async def language(self, channel: Channel, number: str, player: Player) -> Spoken | None:
        """What this phone chose before, if the programme still speaks it."""
        if not number:
            return None
        spoken = await self.memory.language(channel.programme, number)
        known = spoken and player.script.programme.speaks(spoken.language)
        return spoken if known else None

    async def cut_off(self, channel: Channel, number: str) -> str:
        """The key of the session that this phone was in last, "" for none."""
        return await self.memory.dialogue(channel.name, number) if number else ""

    async def after(
        self, channel: Channel, mo: MO, key: str, before: Session | None, step: Step
    ) -> None:
        """Remembers the language when it was chosen, and a new session as the newest."""
        if before is None:
            await self.memory.in_dialogue(channel.name, mo.number, key, RESUME)
        was, now = before.language if before else "", step.session.language
        if before and was and not now:
            await self.memory.forget_language(channel.programme, mo.number)
        elif before and now != was:
            await self.memory.speak(channel.programme, mo.number, Spoken(now, key))

    async def may_open(self, channel: Channel, mo: MO) -> bool:
        """False for a phone that guesses request numbers."""
        return await self.memory.misses(channel.programme, mo.number) < GUESSES

    async def learned(self, channel: Channel, mo: MO, step: Step) -> None:
        """Counts a request that did not open; erasing takes the remembered language along."""
        for effect in step.effects:
            if isinstance(effect, FindCase) and not step.session.found:
                await self.memory.misses(channel.programme, mo.number, more=True)
            if isinstance(effect, Erase) and step.ends:
                await self.memory.forget_language(channel.programme, mo.number)


def allowed(turn: Turn, may_open: bool) -> Turn:
    """The turn without a look at a request, where guessing has to stop: nothing is found."""
    kept = tuple(e for e in turn.effects if may_open or not isinstance(e, FindCase))
    if len(kept) == len(turn.effects):
        return turn
    return replace(turn, effects=kept, session=replace(turn.session, found=""))
