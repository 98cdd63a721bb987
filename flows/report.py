"""Get help: the questions of a report, from whom it is about to its request number.

When a call is safe is asked before the story: from there on a callback is queued, even if the line
drops.
"""

from helpline.core.flow import (
    N_,
    Branch,
    Choice,
    Effect,
    End,
    From,
    Input,
    Menu,
    Screens,
    Source,
    Typed,
    Variant,
    When,
)

YES, NO = N_("Yes"), N_("No")
WHEN_SAFE = N_("When is it safe to call you?")
DONE = (
    Branch(When.DANGER, "danger_done"),
    Branch(When.NO_CALL, "done_no_call"),
    "done",
)
_TOLD = (Branch(When.MAY_WRITE, "story"), *DONE)
_CAREFUL = (Branch(When.CHILD_NOTICE, "child_notice"), "window")

REPORT: Screens = {
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
            Choice(NO, goto=_CAREFUL),
        ),
    ),
    "danger_call": Menu(
        # NOTE: yes means that we ring this phone now; no answer means no call.
        prompt=N_("Call {number} now. May we call you on this phone now?"),
        choices=(
            Choice(
                YES,
                goto="region",
                sets={"danger": "yes"},
                effects=(Effect.FILE_DANGER,),
            ),
            Choice(NO, goto="danger_no_call", sets={"danger": "no_call"}),
        ),
    ),
    "danger_no_call": Menu(
        prompt=N_("Call {number} now if you can."),
        choices=(Choice(N_("Continue"), goto=_CAREFUL),),
    ),
    "child_notice": Menu(
        # NOTE: the limit of secrecy, said before anything is told (SAFETY 12).
        prompt=N_(
            "If a child is in danger, the law says the desk must act to protect the child, "
            "even if others must be told."
        ),
        choices=(Choice(N_("Continue"), goto="window"),),
    ),
    # Asked before the story: from here on a callback is queued, even if the line drops.
    "window": Menu(
        prompt=WHEN_SAFE,
        source=From(Source.WINDOWS, "window", goto="concern", effects=(Effect.FILE_CALL,)),
    ),
    "concern": Menu(
        prompt=N_("What is happening?"),
        # NOTE: the request is stored and a call will come; the person may stop here.
        variants=(Variant(When.QUEUED, N_("We will call you. What is happening?")),),
        source=From(
            Source.CONCERNS,
            "concern",
            goto=(Branch(When.HAS_FORMS, "form"), "region"),
            effects=(Effect.TELL,),
        ),
    ),
    "form": Menu(
        prompt=N_("Which is closest?"),
        source=From(Source.FORMS, "form", goto="region", effects=(Effect.TELL,)),
    ),
    "caller": Menu(
        prompt=N_("Who should call you?"),
        choices=(
            Choice(
                N_("A woman"),
                goto="woman",
                sets={"caller": "woman"},
                effects=(Effect.TELL,),
            ),
            Choice(
                N_("Anyone"),
                goto="consent",
                sets={"caller": "anyone"},
                effects=(Effect.TELL,),
            ),
            Choice(
                # NOTE: for somebody who does not trust the desk of her own place.
                N_("Not my local desk"),
                goto="caller",
                sets={"elsewhere": "yes"},
                effects=(Effect.TELL,),
                when=When.OTHER_DESK,
                unless=When.ELSEWHERE,
            ),
        ),
        variants=(Variant(When.ELSEWHERE, N_("Another desk will call. Who should call you?")),),
    ),
    "woman": Menu(
        # NOTE: who asked for a woman says what to do while none is at work: keep it short.
        prompt=N_("If no woman is free then?"),
        choices=(
            Choice(
                N_("Wait for a woman"),
                goto="consent",
                sets={"nobody": "wait"},
                effects=(Effect.TELL,),
            ),
            Choice(
                N_("A woman elsewhere"),
                goto="consent",
                sets={"nobody": "next"},
                effects=(Effect.TELL,),
            ),
        ),
    ),
    "consent": Menu(
        prompt=N_("We send your answers to the desk. Do you agree?"),
        # NOTE: a call is agreed already; this asks whether others may be told.
        variants=(Variant(When.QUEUED, N_("May the desk tell others who must help you?")),),
        choices=(
            Choice(
                YES,
                goto="word",
                sets={"consent": "yes"},
                effects=(Effect.FILE_REPORT,),
            ),
            Choice(
                NO,
                goto=(Branch(When.QUEUED, "word"), "not_sent"),
                sets={"consent": "no"},
                effects=(Effect.TELL,),
            ),
        ),
    ),
    "word": Menu(
        # NOTE: three letters or digits at least. Whoever answers our call must say it.
        prompt=N_("Type a secret word. When we call, we ask for it first."),
        variants=(
            Variant(
                When.NO_CALL,
                N_("Type a secret word. You need it to open your request."),
            ),
        ),
        choices=(Choice(N_("No word"), goto=_TOLD, sets={"word": ""}, effects=(Effect.TELL,)),),
        typed=Typed(Input.WORD, "word", goto=_TOLD, effects=(Effect.TELL,)),
    ),
    "story": Menu(
        # NOTE: only in SMS. The next text becomes part of the request.
        prompt=N_("You can tell us more in one SMS now."),
        choices=(Choice(N_("Nothing more"), goto=DONE, effects=(Effect.TELL,)),),
        typed=Typed(Input.STORY, "said", goto=DONE, effects=(Effect.TELL,)),
    ),
    "danger_done": End(
        prompt=N_(
            "Remember request number {code}. We will call you soon. Call {number} if you can."
        ),
    ),
    "done": End(
        prompt=N_("Remember request number {code}. We will call you {when}."),
    ),
    "done_no_call": End(
        prompt=N_(
            "Thank you. Remember request number {code}. You can use this service again any time."
        ),
    ),
    "not_sent": End(
        prompt=N_("Nothing was sent or kept. You can use this service again any time."),
    ),
}
