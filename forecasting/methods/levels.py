"""How much of each item sells in a usual period now: several levels, quick and slow, weighed by their own errors."""

import numpy as np

# The shares by which each level forgets, from "the average of all" to "as much as last time".
FORGETTING = np.array([0.0, 0.03, 0.1, 0.25, 0.5, 1.0])
NAMES = np.array(["average", "slow level", "level", "quick level", "quickest level", "naive"])
# What they are worth in most shops, and how many series of one's own say as much.
USUAL = np.array([0.25, 0.25, 0.25, 0.15, 0.07, 0.03])
OTHER_SHOPS = 20.0
# A sale this many deviations above what was to be expected counts as so many: one wholesale order is no new level.
OUTLIER = 2.0
# Below this many periods the plain average stands, unless another level does better beyond doubt.
SHORT = 13
BEYOND_DOUBT = 3.0
# Errors half as old again count half as much.
HALF_LIFE = 26.0
# Sales missed since the last one, after which a level decays.
FADING = 4.0


def follow(sold, known, factors, lumps):
    """The levels after each period: forgetting × periods × series. A period nobody knows leaves them as they were."""
    series, periods = known.shape
    levels = np.zeros((len(FORGETTING), periods, series))
    pieces, weight = np.zeros((len(FORGETTING), series)), np.zeros((len(FORGETTING), series))
    keep = (1.0 - FORGETTING)[:, None]
    level, weeks = np.zeros((len(FORGETTING), series)), np.zeros(series)
    for period in range(periods):
        now, factor = known[:, period], factors[:, period]
        expected = level.max(axis=0) * factor
        most = np.ceil(expected + OUTLIER * np.sqrt(lumps * np.maximum(expected, 0.3)))
        limit = np.where(weeks < SHORT, np.inf, most)
        weeks = weeks + now
        kept = np.where(now, keep, 1.0)
        pieces = pieces * kept + np.where(now, np.minimum(sold[:, period], limit), 0.0)
        weight = weight * kept + np.where(now, factor, 0.0)
        level = pieces / np.maximum(weight, 1e-9)
        levels[:, period] = level
    return levels


def weigh(sold, known, factors, levels):
    """The weight of each level for each series, by the likelihood of what sold in the period after.

    The shop's usual weights are learned from all series and are where each one starts.
    """
    series, periods = known.shape
    if periods < 3:
        return _sure(series)
    after = known[:, 1:].T & (np.cumsum(known, axis=1)[:, :-1].T > 0)
    recent = after * 0.5 ** (np.arange(periods - 1)[::-1, None] / HALF_LIFE)
    usual = (sold * known).sum(axis=1) / np.maximum((factors[:, :periods] * known).sum(axis=1), 1e-9)
    told = np.maximum(levels[:, :-1] * factors[:, 1:periods].T, 0.01 * np.maximum(usual, 1e-3))
    came = sold[:, 1:].T
    spread = _spread(came, told[1:4].mean(axis=0), recent)
    score = (recent * (came * np.log(told) - told)).sum(axis=1) / spread
    score -= score.max(axis=0)
    prior = USUAL
    for _ in range(8):
        weights = prior[:, None] * np.exp(score)
        weights /= weights.sum(axis=0)
        prior = (weights.sum(axis=1) + OTHER_SHOPS * USUAL) / (series + OTHER_SHOPS)
    short = (known.sum(axis=1) < SHORT) & (score[0] > -BEYOND_DOUBT)
    return np.where(short, _sure(series), weights)


def _sure(series):
    weights = np.zeros((len(FORGETTING), series))
    weights[0] = 1.0
    return weights


def _spread(came, told, recent):
    """Variance over mean of the errors, with the weight of four periods of twice Poisson behind it."""
    total = (recent * told).sum(axis=0)
    ordinary = 4.0 * total / np.maximum(recent.sum(axis=0), 1.0)
    return np.maximum(((recent * (came - told) ** 2).sum(axis=0) + 2 * ordinary) / (total + ordinary + 1e-9), 0.05)


def missed_sales(sold, known):
    """How many sales each series missed since its last one: silent periods by the usual gap between two."""
    counted = np.cumsum(known, axis=1)
    selling = (sold > 0) & known
    silent = counted[:, -1] - np.where(selling, counted, 0).max(axis=1)
    return silent * selling.sum(axis=1) / np.maximum(counted[:, -1], 1)


def fade(level, missed):
    """An item that is silent for many of its usual gaps is on its way out: its level decays with each further one."""
    return level * np.where(missed > FADING, np.exp(-(missed - FADING) / FADING), 1.0)
