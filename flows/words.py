"""What callers may text to come straight to a screen, per language and script.

HELP, STOP and their like belong to carriers and stand in no table (SAFETY 18).
"""

from helpline.core.flow import Shortcut

SHORTCUTS = (
    Shortcut(
        name="help",
        dial="1",
        goto="about",
        words={
            "en": ("report", "callme"),
            "dz": ("གྲོགས་རམ", "རོགས་རམ"),
            "dz_Latn": ("rogram", "drogram"),
            "ur": ("مدد",),
            "ur_Latn": ("madad",),
            "km": ("ជំនួយ",),
        },
    ),
    Shortcut(
        name="desk",
        dial="2",
        goto="region",
        sets={"task": "find"},
        words={
            "en": ("desk",),
            "dz": ("ལས་ཚན",),
            "dz_Latn": ("letshen",),
            "ur": ("ڈیسک",),
            "ur_Latn": ("desk",),
            "km": ("ការិយាល័យ",),
        },
    ),
    Shortcut(
        name="rights",
        dial="3",
        goto="rights",
        words={
            "en": ("rights",),
            "dz": ("ཐོབ་དབང",),
            "dz_Latn": ("thobwang",),
            "ur": ("حقوق",),
            "ur_Latn": ("huqooq", "haqooq"),
            "km": ("សិទ្ធិ",),
        },
    ),
    Shortcut(
        name="case",
        dial="4",
        goto="my_case",
        words={
            "en": ("case", "request"),
            "dz": ("ཞུ་ཨང",),
            "dz_Latn": ("zhuang",),
            "ur": ("درخواست",),
            "ur_Latn": ("darkhwast",),
            "km": ("សំណើ",),
        },
    ),
)
