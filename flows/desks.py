"""Kinds of desk, in words for callers."""

from helpline.core.flow import N_

DESK_KINDS = {
    "WCPD": N_("Women and Child Protection Desk"),
    "WCPU": N_("Women and Child Protection Unit"),
    "gender_facilitation_desk": N_("Gender desk, police station"),
    "women_police_station": N_("Women Police Station"),
    "facilitation_centre": N_("Women and Juvenile Facilitation Centre"),
    "CPU": N_("Child Protection Unit"),
    "CPU_subdesk": N_("Child Protection Unit"),
    "CPWB_bureau": N_("Child Protection Bureau"),
    "AHTJP": N_("Anti-trafficking and child protection office"),
}
