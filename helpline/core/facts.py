"""What an officer writes down about the person helped, for statistics: choices, never free text."""

from enum import Enum


class Age(Enum):
    """Years, as the bands of Child Helpline International's yearly data with adults beside."""

    UNDER_7 = "0-6"
    UNDER_10 = "7-9"
    UNDER_13 = "10-12"
    UNDER_16 = "13-15"
    UNDER_18 = "16-17"
    UNDER_26 = "18-25"
    UNDER_60 = "26-59"
    OLDER = "60+"
    UNKNOWN = "unknown"


class Sex(Enum):
    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"
