"""What numbers of a body say: units, bounds, proportions, and what a garment needs. Numbers in, numbers out.

A reading is one number of a set: which dimension, which side, in centimetres (kilograms, degrees) as `size`.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import chain

CM, IN = "cm", "in"
INCH = Decimal("2.54")  # exactly
CENT = Decimal("0.01")
WORDS = {CM: "centimetres", IN: "inches"}
NUMBER = re.compile(r"[0-9]{1,4}(\.[0-9]{1,4})?", re.ASCII)  # 15/16 are 0.9375
FRACTION = re.compile(r"([0-9]{1,3}) ([0-9]{1,2})/(2|4|8|16)", re.ASCII)  # as a tape of inches is read: 34 1/2

MOST_CHANGE = Decimal("0.15")  # from one version to the next, before somebody must look again
CHANGE, GIRTH_CHANGE, LENGTH_CHANGE = Decimal("0.05"), Decimal(4), Decimal(2)  # before they are told
MOST_LOPSIDED = Decimal(2)
GROWN_UP = 16
REVIEW, REVIEW_OF_CHILD = timedelta(days=365), timedelta(days=60)

# ------------------------------------------------------------------------------------------------ units


def typed(text, unit):
    """The number that was typed, or None if it is none. Inches may have their fractions: 34 1/2."""
    text = text.strip()
    if NUMBER.fullmatch(text):
        return Decimal(text)
    if unit == IN and (parts := FRACTION.fullmatch(text)):
        whole, upper, lower = (Decimal(part) for part in parts.groups())
        return whole + upper / lower if upper < lower else None
    return None


def tidy(text):
    """As it was typed, without zeros in front: 0036 is 36."""
    return re.sub(r"^0+(?=[0-9])", "", text.strip())


def rounded(number):
    return number.quantize(CENT, ROUND_HALF_UP)


def kept(number, unit, scale=CM):
    """In the scale of its dimension. Only lengths are ever in inches: weights and angles stay what they are."""
    return rounded(number * INCH if scale == CM and unit == IN else number)


def shown(size, unit, scale=CM):
    return rounded(size / INCH if scale == CM and unit == IN else size)


def plain(number):
    """92.50 is written 92.5, and 92.00 as 92."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def in_words(size, unit, scale=CM):
    return f"{plain(shown(size, unit, scale))} {unit if scale == CM else scale}"


# ------------------------------------------------------------------------------------------------ bounds


@dataclass(frozen=True)
class Bounds:
    """Outside `warn` a number is looked at twice, outside `reject` it cannot be."""

    warn: tuple
    reject: tuple
    scale: str = CM

    def are_possible(self, size):
        return self.reject[0] <= size <= self.reject[1]

    def are_usual(self, size):
        return self.warn[0] <= size <= self.warn[1]


def told_off(number, unit, pair, word, scale=CM):
    """38 cm is below 45 cm; possible is 45 to 200 cm."""
    size, (low, high) = kept(number, unit, scale), pair
    side, bound = ("below", low) if size < low else ("above", high)
    span = f"{plain(shown(low, unit, scale))} to {in_words(high, unit, scale)}"
    said = f"{plain(number)} {unit if scale == CM else scale} is {side} {in_words(bound, unit, scale)}"
    return f"{said}; {word} is {span}."


def did_you_mean(number, unit, bounds):
    """The other unit, or millimetres, where the same number would be usual there. Else nothing."""
    if bounds.scale != CM:
        return ""
    other = IN if unit == CM else CM
    if bounds.are_usual(kept(number, other)):
        return f"Did you mean {plain(number)} {other}? That would be {WORDS[other]}."
    if unit == CM and bounds.are_usual(rounded(number / 10)):
        return f"Did you mean {plain(number / 10)} cm? {plain(number)} would be millimetres."
    return ""


# ------------------------------------------------------------------------------------------------ from last time to now


def change(before, now):
    """By which part of it a number has changed."""
    return abs(now - before) / before if before else Decimal(0 if now == before else 1)


def is_a_leap(before, now):
    return change(before, now) > MOST_CHANGE


def is_noticeable(code, before, now):
    most = GIRTH_CHANGE if "girth" in code else LENGTH_CHANGE
    return change(before, now) > CHANGE or abs(now - before) > most


# ------------------------------------------------------------------------------------------------ proportions


@dataclass(frozen=True)
class Remark:
    """Something that is not as bodies mostly are: about which dimensions, and in words."""

    code: str
    dimensions: tuple
    message: str
    figures: dict


# From the 0.1st to the 99.9th percentile of 6,068 bodies, a little wider.
RATIOS = {
    ("inside_leg", "height"): ("0.42", "0.55"),
    ("outside_leg", "height"): ("0.54", "0.67"),
    ("arm_length", "height"): ("0.29", "0.38"),
    ("nape_to_wrist", "height"): ("0.44", "0.57"),
    ("arm_length", "nape_to_wrist"): ("0.58", "0.75"),
    ("back_waist_length", "height"): ("0.21", "0.33"),
    ("chest_girth", "hip_girth"): ("0.75", "1.28"),
    ("thigh_girth", "hip_girth"): ("0.50", "0.70"),
    ("knee_girth", "thigh_girth"): ("0.52", "0.80"),
    ("calf_girth", "thigh_girth"): ("0.47", "0.78"),
    ("ankle_girth", "calf_girth"): ("0.45", "0.72"),
    ("wrist_girth", "upper_arm_girth"): ("0.35", "0.70"),
    ("neck_girth", "chest_girth"): ("0.28", "0.46"),
    ("waist_girth", "hip_girth"): ("0.68", "1.25"),
    ("across_back", "chest_girth"): ("0.30", "0.51"),
}
# By how much the first is more than the second.
DIFFERENCES = {
    ("outside_leg", "inside_leg"): (12, 32),
    ("chest_girth", "under_bust_girth"): (0, None),
    ("high_bust_girth", "under_bust_girth"): (-3, None),
}


def proportions(sides):
    """What is odd about these numbers among themselves. `sides`: {code: {side: size}}, side: left, right or none."""
    whole = {code: sum(both.values()) / len(both) for code, both in sides.items() if both}
    return [*lopsided(sides), *odd_ratios(whole), *odd_differences(whole)]


def lopsided(sides):
    for code, both in sides.items():
        if {"left", "right"} <= both.keys() and abs(both["left"] - both["right"]) > MOST_LOPSIDED:
            apart = abs(both["left"] - both["right"])
            text = f"Left and right {spoken(code)} are {plain(apart)} cm apart."
            yield Remark("left_right_differ", (code,), text, {"difference": str(apart)})


def odd_ratios(whole):
    for (upper, lower), bounds in RATIOS.items():
        if whole.get(upper) is None or not whole.get(lower):
            continue
        low, high = (Decimal(bound) for bound in bounds)
        ratio = rounded(whole[upper] / whole[lower])
        if not low <= whole[upper] / whole[lower] <= high:
            text = f"{spoken(upper)} is {ratio} of {spoken(lower)}; mostly it is {low} to {high}.".capitalize()
            yield Remark(
                "unusual_ratio", (upper, lower), text, {"ratio": str(ratio), "low": str(low), "high": str(high)}
            )


def odd_differences(whole):
    for (upper, lower), (low, high) in DIFFERENCES.items():
        if whole.get(upper) is None or whole.get(lower) is None:
            continue
        apart = whole[upper] - whole[lower]
        # The chest is more than what lies below it; the others may just reach their bound.
        is_odd = apart <= low if low == 0 else apart < low
        if is_odd or (high is not None and apart > high):
            least = f"{'more than' if low == 0 else 'at least'} {low} cm"
            usual = least if high is None else f"between {low} and {high} cm"
            text = f"{spoken(upper)} less {spoken(lower)} is {plain(rounded(apart))} cm; mostly it is {usual}."
            yield Remark("unusual_difference", (upper, lower), text.capitalize(), {"difference": str(rounded(apart))})


def spoken(code):
    return code.replace("_", " ")


# ------------------------------------------------------------------------------------------------ what a garment needs

PROFILES = {
    "trousers": [
        "trouser_waist_girth", "hip_girth", "inside_leg", "outside_leg", "thigh_girth", "knee_girth", "crotch_length",
    ],
    "skirt": ["waist_girth", "hip_girth", "waist_to_hip", "outside_leg"],
    "shirt": [
        "neck_girth", "chest_girth", "waist_girth", "shoulder_width", "arm_length", "nape_to_wrist", "wrist_girth",
    ],
    "blouse": [
        "high_bust_girth", "chest_girth", "under_bust_girth", "shoulder_width", "bust_height", "bust_span",
        "armscye_girth", "upper_arm_girth", "front_waist_length", "back_waist_length",
    ],
    "dress": [
        "chest_girth", "under_bust_girth", "waist_girth", "hip_girth", "back_waist_length", "front_waist_length",
        "shoulder_width", "nape_height", "bust_height",
    ],
    "jacket": [
        "chest_girth", "waist_girth", "hip_girth", "shoulder_width", "across_back", "back_waist_length", "arm_length",
        "upper_arm_girth", "height",
    ],
}  # fmt: skip
PROFILES |= {
    "coat": PROFILES["jacket"],
    "lehenga": PROFILES["skirt"],
    "kurta": PROFILES["shirt"],
    "saree_blouse": PROFILES["blouse"],
    "jumpsuit": list(dict.fromkeys(["trunk_girth", *PROFILES["dress"], *PROFILES["trousers"]])),
}
PROFILES["full"] = list(dict.fromkeys(chain(*PROFILES.values())))


def missing(family, codes):
    """What must still be measured before a garment of this family can be cut."""
    return [code for code in PROFILES[family] if code not in codes]


def review_on(taken_on, born_on=None):
    """The day from which these numbers are too old to cut by: children grow."""
    is_child = born_on is not None and born_on > years_before(taken_on, GROWN_UP)
    return taken_on + (REVIEW_OF_CHILD if is_child else REVIEW)


def years_before(day, years):
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # the 29th of February
        return date(day.year - years, 2, 28)
