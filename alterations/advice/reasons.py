"""Says in plain words why a service is suggested."""

DONE = {
    "shorten": "shorter",
    "lengthen": "longer",
    "takein": "taken in",
    "letout": "let out",
    "replace": "renewed",
    "fix": "mended or renewed",
    "free": "made to run again",
    "repair": "mended",
    "patch": "patched",
    "darn": "darned",
    "sew": "sewn on",
    "turn": "turned or renewed",
    "raise": "closed higher",
    "add": "put in",
    "remove": "taken off",
    "press": "pressed",
    "bustle": "lifted with a bustle",
    "alter": "altered",
    "lower": "lowered",
    "make": "made",
}
PART = {
    "body": "sides",
    "surface": "hole",
    "whole": "garment",
    "legs": "legs",
    "rise": "rise",
    "bead": "beads or lace",
    "badge": "name or badge",
    "neck": "neckline",
    "leather": "leather",
    "bust": "support",
    "elastic": "elastic",
    "train": "train",
    "fall": "fall",
    "loop": "belt loop",
    "make": "garment",
}


def reason_for(item, reading):
    """One sentence: what was heard, what is done, and who chose it before."""
    said = ""
    if item.wish is not None and item.works > 0:
        work = item.wish.work
        done = f"{PART.get(work.part, work.part)} {DONE.get(work.op, work.op)}"
        words = [word.strip() for word in item.wish.said if word and word != "experience"]
        if words:
            said = "You said " + ", ".join(f"“{word}”" for word in dict.fromkeys(words)) + f": {done}."
        else:
            said = f"Others who said the like meant: {done}."
    elif item.service.stems.keys() & set(reading.stems):
        said = "Words of the request stand in its description."
    if item.neighbours:
        times = "once" if item.neighbours == 1 else f"{item.neighbours} times"
        said = f"{said} Chosen {times} before for such words.".strip()
    return said or "Of this kind of garment."
