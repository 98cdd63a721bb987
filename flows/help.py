"""The one conversation of all programmes: get help, or find the nearest desk.

Tables only. What differs between countries is data in the programme modules beside this one.
"""

from helpline.core.flow import (
    N_,
    Branch,
    Choice,
    Effect,
    End,
    Flow,
    From,
    Menu,
    Source,
    Variant,
    When,
)

YES, NO = N_("Yes"), N_("No")
_PLACED = (Branch(When.FINDING, "desk"), Branch(When.QUEUED, "danger_done"), "window")

FLOW = Flow(
    name="help",
    version=1,
    first="language",
    home="home",
    lost="lost",
    lost_again="goodbye",
    # NOTE: shown when a key was pressed to hide. It must look like any dull service message.
    decoy=N_("Weather service: no news today. Thank you."),
    hint=N_("Please choose one of the numbers on the screen."),
    more=N_("More"),
    back=N_("Back"),
    hide=N_("Close"),
    # NOTE: shown when nothing could be stored. {number} is the live emergency number.
    not_saved=N_("Sorry, we could not save this. Please call {number}."),
    screens={
        # The prompt is the programme's greeting: emergency number first, every script.
        "language": Menu(
            prompt="",
            source=From(Source.LANGUAGES, "language", goto="home"),
        ),
        "home": Menu(
            prompt=N_("In danger now? Call {number}."),
            choices=(
                Choice(N_("Get help"), goto="about", sets={"task": "help"}),
                Choice(N_("Find nearest desk"), goto="region", sets={"task": "find"}),
                Choice(N_("Language"), goto="language"),
            ),
        ),
        "about": Menu(
            prompt=N_("Who needs help?"),
            choices=(
                Choice(N_("Me"), goto="danger", sets={"about": "me"}),
                Choice(N_("Another adult"), goto="danger", sets={"about": "adult"}),
                Choice(N_("A child"), goto="danger", sets={"about": "child"}),
            ),
        ),
        "danger": Menu(
            prompt=N_("Is anyone in danger now?"),
            choices=(
                Choice(YES, goto="danger_call"),
                Choice(NO, goto=(Branch(When.CHILD_NOTICE, "child_notice"), "concern")),
            ),
        ),
        # NOTE: yes means that we ring this phone now; no answer means no call.
        "danger_call": Menu(
            prompt=N_("Call {number} now. May we call you on this phone now?"),
            choices=(
                Choice(YES, goto="region", effects=(Effect.FILE_DANGER,)),
                Choice(NO, goto="danger_no_call"),
            ),
        ),
        "danger_no_call": Menu(
            prompt=N_("Call {number} now if you can."),
            choices=(
                Choice(
                    N_("Continue"),
                    goto=(Branch(When.CHILD_NOTICE, "child_notice"), "concern"),
                ),
            ),
        ),
        # NOTE: the limit of secrecy, said before anything is told (SAFETY 12).
        "child_notice": Menu(
            prompt=N_(
                "If a child is in danger, the law says the desk must act to protect the child, "
                "even if others must be told."
            ),
            choices=(Choice(N_("Continue"), goto="concern"),),
        ),
        "danger_done": End(
            prompt=N_(
                "Remember request number {code}. We will call you soon. Call {number} if you can."
            ),
        ),
        "concern": Menu(
            prompt=N_("What is happening?"),
            source=From(Source.CONCERNS, "concern", goto="region"),
        ),
        "region": Menu(
            prompt=N_("Where is help needed?"),
            variants=(Variant(When.QUEUED, N_("We will call you soon. Where is help needed?")),),
            source=From(Source.REGIONS, "region", goto="district"),
        ),
        # The prompt is the programme's own word for its districts.
        "district": Menu(
            prompt="",
            source=From(
                Source.DISTRICTS,
                "district",
                goto=(Branch(When.DISTRICT_HAS_AREAS, "area"), *_PLACED),
                effects=(Effect.PLACE_REPORT,),
            ),
        ),
        "area": Menu(
            prompt=N_("Which area is nearest?"),
            source=From(Source.AREAS, "area", goto=_PLACED, effects=(Effect.PLACE_REPORT,)),
            choices=(Choice(N_("Another area"), goto=_PLACED, sets={"area": ""}),),
        ),
        "desk": Menu(
            prompt=N_("{desk}, {place}. {line}."),
            variants=(
                Variant(
                    When.DESK_ALWAYS_OPEN,
                    N_("{desk}, {place}. Open day and night. {line}."),
                ),
            ),
            choices=(Choice(N_("Another desk"), goto="desk", when=When.OTHER_DESK),),
        ),
        "window": Menu(
            prompt=N_("When is it safe to call you?"),
            source=From(
                Source.WINDOWS,
                "window",
                goto=(Branch(When.NO_CALL, "consent"), "caller"),
            ),
        ),
        "caller": Menu(
            prompt=N_("Who should call you?"),
            choices=(
                Choice(N_("A woman"), goto="consent", sets={"caller": "woman"}),
                Choice(N_("Anyone"), goto="consent", sets={"caller": "anyone"}),
            ),
        ),
        "consent": Menu(
            prompt=N_(
                "We send your answers to the desk. Others are told only if needed to help you. "
                "Do you agree?"
            ),
            choices=(
                Choice(
                    YES,
                    goto=(Branch(When.NO_CALL, "done_no_call"), "done"),
                    effects=(Effect.FILE_REPORT,),
                ),
                Choice(NO, goto="not_sent"),
            ),
        ),
        "done": End(
            prompt=N_("Remember request number {code}. We will call you {when}."),
        ),
        "done_no_call": End(
            prompt=N_(
                "Thank you. Remember request number {code}. "
                "You can use this service again any time."
            ),
        ),
        "not_sent": End(
            prompt=N_("Nothing was sent or kept. You can use this service again any time."),
        ),
        # Offered after three wrong keys.
        "lost": Menu(
            prompt=N_("Shall we call you instead?"),
            choices=(
                Choice(YES, goto="window"),
                Choice(NO, goto="goodbye"),
            ),
        ),
        "goodbye": End(
            prompt=N_("Thank you. You can use this service again any time."),
        ),
    },
)
