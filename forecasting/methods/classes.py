"""What kind of demand an item has: smooth, intermittent, erratic, lumpy (Syntetos and Boylan), new or dead."""

import numpy as np

SMOOTH, INTERMITTENT, ERRATIC, LUMPY, NEW, DEAD = "smooth", "intermittent", "erratic", "lumpy", "new", "dead"
# Syntetos and Boylan's borders: periods between two sales, and the squared variation of what a sale takes.
RARE, UNEVEN = 1.32, 0.49
# Younger items borrow from their family.
YOUNG = 8
# Sales missed since the last one, after which nobody expects another.
MISSED = 8.0


def age(known):
    """Periods since each series was first known; 0 if it never was."""
    return np.where(known.any(axis=1), known.shape[1] - known.argmax(axis=1), 0)


def demand_class(sold, known, missed):
    selling = known & (sold > 0)
    sales = selling.sum(axis=1)
    gap = known.sum(axis=1) / np.maximum(sales, 1)
    size = (sold * selling).sum(axis=1) / np.maximum(sales, 1)
    spread = (np.where(selling, sold - size[:, None], 0.0) ** 2).sum(axis=1) / np.maximum(sales, 1)
    uneven = spread / np.maximum(size, 1e-9) ** 2 >= UNEVEN
    rare = gap >= RARE
    return np.select(
        [age(known) < YOUNG, (sales == 0) | (missed > MISSED), rare & uneven, rare, uneven],
        [NEW, DEAD, LUMPY, INTERMITTENT, ERRATIC],
        SMOOTH,
    )
