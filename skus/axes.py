"""What SKUs of one product differ in. Here and nowhere else, so that all go through them in the same order."""

# What one SKU has, and the list of its product that it stands in.
AXES = {"size": "sizes", "colour": "colours", "style": "styles"}
PLURALS = tuple(AXES.values())
