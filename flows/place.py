"""Where: the place of a report, and the desk of those who look for one."""

from flows.report import NO, YES
from helpline.core.flow import (
    N_,
    Branch,
    Choice,
    Effect,
    End,
    From,
    Input,
    Menu,
    Said,
    Screens,
    Source,
    Typed,
    Variant,
    When,
)

_PLACED = (
    Branch(When.FINDING, "desk"),
    Branch(When.DANGER, "danger_done"),
    Branch(When.NO_CALL, "consent"),
    "caller",
)
_DISTRICT = (Branch(When.AREA_MATTERS, "area"), *_PLACED)
_PLACE = Typed(
    Input.PLACE,
    "place",
    goto=(Branch(When.ABROAD, "abroad"), Branch(When.PLACE_DOUBTFUL, "which"), *_DISTRICT),
    effects=(Effect.TELL,),
    hint=N_("Not found. Choose a number or write it another way."),
)

PLACE: Screens = {
    "region": Menu(
        prompt=N_("Where is help needed? Choose, or type the place."),
        variants=(
            Variant(When.FINDING, N_("Where are you? Choose, or type the place.")),
            Variant(When.DANGER, N_("We will call you soon. Where is help needed?")),
        ),
        source=From(
            Source.REGIONS,
            "region",
            goto=(
                Branch(When.REGION_HAS_PARTS, "part"),
                Branch(When.PLACE_UNKNOWN, "district"),
                *_DISTRICT,
            ),
            effects=(Effect.TELL,),
        ),
        typed=_PLACE,
    ),
    "part": Menu(
        prompt=N_("Near which of these?"),
        source=From(
            Source.PARTS,
            "part",
            goto=(Branch(When.PLACE_UNKNOWN, "district"), *_DISTRICT),
            effects=(Effect.TELL,),
        ),
        typed=_PLACE,
    ),
    # The prompt is the programme's own word for its districts.
    "district": Menu(
        prompt=Said.DISTRICT_QUESTION,
        source=From(Source.DISTRICTS, "place", goto=_DISTRICT, effects=(Effect.TELL,)),
        typed=_PLACE,
    ),
    "area": Menu(
        prompt=N_("Which area is nearest?"),
        source=From(Source.AREAS, "place", goto=_PLACED, effects=(Effect.TELL,)),
        choices=(Choice(N_("Another area"), goto=_PLACED, sets={"areas": "none"}),),
        typed=_PLACE,
    ),
    # What was typed may be one of several places; nothing is guessed.
    "which": Menu(
        prompt=N_("Which place do you mean?"),
        source=From(
            Source.CANDIDATES,
            "place",
            goto=(Branch(When.ABROAD, "abroad"), *_DISTRICT),
            effects=(Effect.TELL,),
        ),
        choices=(Choice(N_("Another place"), goto="region"),),
        typed=_PLACE,
    ),
    "abroad": Menu(
        prompt=N_("{abroad} is in {country}. In danger there? Call {abroad_number}."),
        choices=(
            Choice(N_("Continue"), goto=_PLACED, effects=(Effect.TELL,)),
            Choice(N_("Another place"), goto="region"),
        ),
    ),
    "desk": Menu(
        prompt=N_("{desk}, {place}. {line}."),
        variants=(
            Variant(
                When.DESK_HOURS_KNOWN,
                N_("{desk}, {place}. {hours} {line}."),
            ),
        ),
        choices=(
            Choice(N_("Another desk"), goto="desk", when=When.OTHER_DESK),
            Choice(N_("Send me this by SMS"), goto="text_sure", when=When.CAN_TEXT),
            Choice(N_("Ask for a call"), goto="about"),
        ),
    ),
    "text_sure": Menu(
        prompt=N_("The SMS stays on this phone until you delete it. Send it?"),
        choices=(
            Choice(YES, goto="texted", effects=(Effect.TEXT_DESK,)),
            Choice(NO, returns=True),
        ),
    ),
    "texted": End(
        prompt=N_("We cannot send an SMS to this phone."),
        variants=(Variant(When.TEXTED, N_("OK. The SMS is on its way.")),),
    ),
}
