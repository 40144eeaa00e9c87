"""What moves all items together: the shop's good and bad weeks, the year's season, and an item's own last year.

A season is a matrix of factors, series × (periods known + periods ahead); demand is level × factor.
"""

import numpy as np

# Pieces a year at which an item's own last year counts as much as everybody's, for demand as lumpy as Poisson; and the
# same where two years or more agree.
OWN_YEAR, OWN_YEARS = 3000.0, 1500.0
# Growth by period, as a logarithm, that nobody is believed to exceed.
STEEPEST = 0.03
# How far an item may go its own way when the season turns: the spread of its share in a rise or fall (as a power).
OWN_WAY = 0.3
# With as many cycles as this, chance is told from season by the scatter between them; with fewer, by last year's word.
MANY_CYCLES = 3
# A period in which the shop sold less than this share of a usual one was a holiday, and says nothing of the level.
CLOSED = 0.15
# Periods known of two years, so that growth is not taken for season.
OVERLAP = 2
# So few series are no shop: what they have in common may be chance.
FEW = 3.0
# How quickly the level of the whole shop follows its sales.
QUICK = 0.6


def lumpiness(sold, known):
    """Variance over mean of each series, from one period to the next, so that neither season nor growth counts."""
    pairs = known[:, 1:] & known[:, :-1]
    steps = np.where(pairs, np.diff(sold, axis=1), 0.0)
    mean = average(sold, known)
    variance = (steps * steps).sum(axis=1) / 2 / np.maximum(pairs.sum(axis=1), 1)
    return np.where(mean > 0, np.maximum(variance / np.maximum(mean, 1e-9), 0.02), 1.0)


def average(sold, known):
    return (sold * known).sum(axis=1) / np.maximum(known.sum(axis=1), 1)


def shop_factor(sold, known, lumps):
    """How good each period was for everybody, 1 on average: each series' demand is its level times this.

    Both are found in turns, so items that came later or were out of stock do no harm. What could be chance is taken
    back: with one series alone there is no shop to speak of. Beside the factors, their variance by chance.
    """
    level = average(sold, known)
    trust = 1.0 / lumps
    weighed = (trust[:, None] * sold * known).sum(axis=0)
    for _ in range(4):
        among = (trust * level) @ known
        factor = np.where(among > 0, weighed / np.maximum(among, 1e-9), 1.0)
        factor /= max(factor.mean(), 1e-9)
        level = (sold * known).sum(axis=1) / np.maximum(known @ factor, 1e-9)
    heard = trust * level
    noise = np.mean(1.0 / np.maximum(heard @ known, 1e-6))
    seen = max(factor.var(), 1e-12)
    voices = heard.sum() ** 2 / max((heard * heard).sum(), 1e-12)
    believed = max(1.0 - noise / seen, 0.0) * max(1.0 - FEW / max(voices, FEW), 0.0)
    return np.maximum(factor, 1e-3) ** believed, noise


def common_season(factor, noise, length, ahead):
    """The shop's factors with what lies ahead: its level of late, times the season of the coming periods."""
    periods = len(factor)
    season = _season_index(factor, noise, length, ahead)
    open_ = np.flatnonzero(factor > CLOSED * np.median(factor))
    recent = (1 - QUICK) ** np.arange(open_.size)[::-1]
    level = (recent @ factor[open_]) / (recent @ season[open_]) if open_.size else 1.0
    return np.concatenate([factor, level * season[periods:]])


def has_season(periods, length):
    """Whether the history holds one whole season and a little of the next."""
    return length > 1 and periods >= length + OVERLAP


def _season_index(factor, noise, length, ahead):
    periods = len(factor)
    phase = np.arange(periods + ahead) % length
    if not has_season(periods, length):
        return np.ones(periods + ahead)
    logs = np.log(np.maximum(_eased(factor) if length > 26 else factor, 1e-3))
    growth = np.median(logs[length:] - logs[:-length])
    flat = logs - growth * np.arange(periods) / length
    known = phase[:periods]
    index = np.bincount(known, flat, minlength=length) / np.bincount(known, minlength=length)
    index -= index.mean()
    if periods >= MANY_CYCLES * length:
        chance = (flat - index[known] - np.mean(flat - index[known])).var() * length / periods
        power = np.clip(1.0 - chance / max(index.var(), 1e-12), 0.0, 1.0)
    else:
        is_open = factor > CLOSED * np.median(factor)
        power = _kept_word(np.log(np.maximum(factor, 1e-3)), is_open, noise, length, ahead)
    return np.exp(power * index)[phase]


def _eased(values):
    padded = np.pad(values, 1, mode="edge")
    return (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4


def _kept_word(logs, is_open, noise, length, ahead, expected=0.95, doubt=0.3):
    """How far last year's ups and downs came again in the periods that both years know; 1 is fully."""
    told = kept = 0.0
    for step in range(1, ahead + 1):
        now = np.arange(length, len(logs) - step)[-26:]
        now = now[is_open[now] & is_open[now + step] & is_open[now - length] & is_open[now + step - length]]
        then = logs[now + step - length] - logs[now - length]
        told += then @ then - 2 * noise * len(then)
        kept += then @ (logs[now + step] - logs[now])
    return float(np.clip((kept + doubt * ahead * expected) / (max(told, 0.0) + doubt * ahead), 0.0, 1.2))


def own_season(sold, known, season, length, lumpy):
    """Each row's own year beside `season` (series × periods + ahead): factors, and how much was its own (0 to 1).

    `lumpy` is each row's variance over mean. A wide band of neighbouring periods is asked first, and leads where the
    narrow one has little to say.
    """
    periods = known.shape[1]
    wide, narrow = (4, 2) if length > 26 else (1, 0) if length > 7 else (0, 0)
    usual = _around(sold * known, length) / np.maximum(_around(season[:, :periods] * known, length), 1e-9)
    usual = usual * np.exp(_growth(usual, lumpy, length) * _from_the_middle(periods, length))
    expected = usual * season[:, :periods] * known
    phase = np.arange(season.shape[1]) % length
    seen, due = (_by_phase(part, length) for part in (sold * known, expected))
    weight = _doubt(lumpy, periods, length)[:, None]
    led = (_band(seen, wide) + weight) / (_band(due, wide) + weight)
    asked = _band(due, narrow)
    ratio = (_band(seen, narrow) + weight * led) / (asked + weight)
    return ratio[:, phase], (asked / (asked + weight))[:, phase]


def _growth(usual, lumpy, length):
    """Growth by period between the first whole year and the last, as far as they lie apart and pieces prove it."""
    apart = usual.shape[1] - length
    first, last = usual[:, 0], usual[:, -1]
    change = np.log((last + 1e-6) / (first + 1e-6))
    chance = lumpy * (1 / np.maximum(first * length, 1e-6) + 1 / np.maximum(last * length, 1e-6))
    believed = change**2 / (change**2 + chance + 1e-9) * apart / (apart + length / 2)
    return np.clip(change * believed / max(apart, 1), -STEEPEST, STEEPEST)[:, None]


def _from_the_middle(periods, length):
    """How far each period lies from the middle of the whole year that is taken for the one around it."""
    start = np.minimum(np.maximum(np.arange(periods) - length // 2, 0), max(periods - length, 0))
    return np.arange(periods) - (start + (length - 1) / 2)


def _doubt(lumps, periods, length):
    """Pieces a period that it takes to be half believed. One year alone may be the rise and fall of a fashion."""
    return np.clip(lumps, 0.2, 20.0) * (OWN_YEAR if periods < 2 * length else OWN_YEARS) / length


def _around(values, length):
    """Sums over the year around each period; at both ends the nearest whole year."""
    periods = values.shape[1]
    sums = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
    last = np.minimum(np.maximum(np.arange(periods) - length // 2, 0) + length, periods)
    return sums[:, last] - sums[:, np.maximum(last - length, 0)]


def _by_phase(values, length):
    missing = -values.shape[1] % length
    return np.pad(values, ((0, 0), (0, missing))).reshape(len(values), -1, length).sum(axis=1)


def _band(values, reach):
    return sum(np.roll(values, shift, axis=1) for shift in range(-reach, reach + 1))


def seasons(sold, known, lumps, groups, length, ahead):
    """The factors of all series, and the variance of the coming ones that nobody can know, relative to their mean."""
    series, periods = known.shape
    factors = np.repeat(common_season(*shop_factor(sold, known, lumps), length, ahead)[None], series, axis=0)
    if not has_season(periods, length):
        return factors, np.zeros((series, ahead))
    factors = _with_family(factors, sold, known, lumps, groups, length)
    own, believed = own_season(sold, known, factors, length, lumps)
    factors = factors * own
    logs = np.log(np.maximum(factors, 1e-3))
    turn = logs[:, periods:] - logs[:, max(0, periods - 8) : periods].mean(axis=1, keepdims=True)
    return factors, (OWN_WAY * turn) ** 2 * (1.0 - believed[:, periods:])


def _with_family(factors, sold, known, lumps, groups, length):
    """The season of the widest group (coats, swimwear) beside the shop's."""
    if not len(groups):
        return factors
    codes = np.asarray(groups[-1])
    member = codes >= 0
    if np.unique(codes[member]).size < 2:
        return factors
    families, family = np.unique(codes[member], return_inverse=True)
    shape = (len(families), known.shape[1])
    seen, due = np.zeros(shape), np.zeros((len(families), factors.shape[1]))
    level = (sold * known).sum(axis=1) / np.maximum((factors[:, : shape[1]] * known).sum(axis=1), 1e-9)
    np.add.at(seen, family, (sold * known)[member])
    np.add.at(due[:, : shape[1]], family, (factors[:, : shape[1]] * level[:, None] * known)[member])
    due[:, shape[1] :] = 1.0
    lumpy = np.bincount(family, lumps[member]) / np.bincount(family)
    own, _ = own_season(seen, due[:, : shape[1]] > 0, due, length, lumpy)
    factors = factors.copy()
    factors[member] *= own[family]
    return factors
