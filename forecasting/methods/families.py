"""Whom new items borrow from: their siblings, their style, their category."""

import numpy as np

from forecasting.methods.classes import YOUNG, age

# Periods of its own that a family's word is worth to a new item.
BORROWED = 1.0
# Series that a wider family's word is worth to a closer one.
ELDERS = 2.0


def borrow(level, known, groups):
    """Levels in which those younger than YOUNG periods lean on their family; the closest group counts most."""
    if not len(groups) or not len(level):
        return level
    periods, young = known.sum(axis=1), age(known) < YOUNG
    if not young.any():
        return level
    usual = _family_level(level, periods, groups)
    leaning = young & np.isfinite(usual)
    own = periods / (periods + BORROWED)
    return np.where(leaning, own * level + (1 - own) * np.nan_to_num(usual), level)


def _family_level(level, periods, groups):
    """What is usual in each one's family, itself left out; NaN where there is no family with a history."""
    trust = np.minimum(periods, YOUNG) / YOUNG
    usual = np.full(len(level), np.nan)
    for codes in reversed([np.asarray(group) for group in groups]):
        member = codes >= 0
        _, family = np.unique(np.where(member, codes, -1), return_inverse=True)
        others = np.bincount(family, trust)[family] - trust
        pieces = np.bincount(family, trust * level)[family] - trust * level
        elders = np.where(np.isfinite(usual), ELDERS, 0.0)
        weight = others + elders
        asked = member & (weight > 0)
        usual = np.where(asked, (pieces + elders * np.nan_to_num(usual)) / np.maximum(weight, 1e-9), usual)
    return usual
