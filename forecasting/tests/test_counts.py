"""The negative binomial beside its definition, added up term by term."""

import math

import numpy as np
import pytest

from forecasting.methods import counts

LEVELS = (0.5, 0.75, 0.9, 0.95, 0.975)


def chances(mean, ratio, count=4000):
    """Poisson, or the negative binomial of this mean and ratio of variance to mean."""
    k = np.arange(count)
    gamma = np.array([math.lgamma(x + 1) for x in k])
    if ratio == 1:
        return np.exp(k * math.log(mean) - mean - gamma)
    size = mean / (ratio - 1)
    rising = np.array([math.lgamma(x + size) for x in k]) - math.lgamma(size)
    return np.exp(rising - gamma + k * math.log(1 - 1 / ratio) - size * math.log(ratio))


SHAPES = [(0.05, 1), (0.4, 1.7), (3, 1), (3, 6), (12.5, 2.4), (40, 30), (70, 1.1)]


@pytest.mark.parametrize(("mean", "ratio"), SHAPES)
def test_quantiles_are_those_of_the_distribution(mean, ratio):
    expected = np.searchsorted(np.cumsum(chances(mean, ratio)), LEVELS)

    assert np.abs(counts.quantiles(mean, ratio, LEVELS) - expected).max() <= (1 if mean > counts.NARROW else 0)


@pytest.mark.parametrize(("mean", "ratio"), [(500, 40), (3000, 900), (20_000, 12_000), (9000, 1.5)])
def test_large_demand_is_counted_in_dozens_and_loses_little(mean, ratio):
    step = np.arange(200_000)
    gamma = np.cumsum(np.concatenate([[0], np.log(np.maximum(step[1:], 1))]))
    size = mean / (ratio - 1)
    rising = np.cumsum(np.concatenate([[0], np.log(step[:-1] + size)]))
    expected = np.searchsorted(
        np.cumsum(np.exp(rising - gamma + step * math.log(1 - 1 / ratio) - size * math.log(ratio))), LEVELS
    )

    assert counts.quantiles(mean, ratio, LEVELS) == pytest.approx(expected, rel=0.02, abs=mean / 60)


def test_quantiles_are_whole_rising_and_never_negative_whatever_the_shape():
    random = np.random.default_rng(1)
    mean, ratio = 10 ** random.uniform(-4, 6, 3000), 10 ** random.uniform(-2, 4, 3000)

    found = counts.quantiles(mean, ratio, LEVELS)

    assert (found >= 0).all()
    assert (np.diff(found, axis=1) >= 0).all()
    assert (found == np.round(found)).all()


def test_demand_steadier_than_chance_has_narrower_limits():
    steady, chance = counts.quantiles([12.0, 12.0], [0.2, 1.0], LEVELS)

    assert steady.tolist() == [12, 13, 14, 14, 15]
    assert chance.tolist() == [12, 14, 17, 18, 19]


def test_cloth_is_counted_in_tenths_of_a_metre_beside_pieces():
    cloth, pieces = counts.quantiles([2.5, 2.5], [1.2, 1.2], LEVELS, np.array([0.1, 1.0]))

    assert cloth.tolist() == [2.1, 3.4, 4.8, 5.8, 6.8]
    assert pieces.tolist() == [2, 4, 5, 6, 6]


def test_nothing_wanted_needs_nothing():
    assert counts.quantiles(np.zeros(2), 1.0, LEVELS).tolist() == [[0] * 5] * 2
    assert counts.quantiles(np.zeros((0, 3)), 1.0, LEVELS).shape == (0, 3, 5)
    assert counts.expected_fill(0.0, 1.0, 0.0) == 1


@pytest.mark.parametrize(("mean", "ratio"), SHAPES)
def test_the_shortfall_is_what_comes_beyond_the_stock(mean, ratio):
    chance = chances(mean, ratio)
    for stock in (0, 1, 7, 30):
        expected = (np.maximum(np.arange(len(chance)) - stock, 0) * chance).sum()
        assert counts.shortfall(mean, ratio, stock) == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_the_expected_fill_of_a_weeks_stock_is_exact():
    # Poisson of mean 2 with one piece: 1 - e^-2 of customers find it, of 2 a week.
    assert counts.expected_fill(2.0, 1.0, 1.0) == pytest.approx((1 - math.exp(-2)) / 2)


def test_the_normal_quantile_is_the_tables():
    assert counts.normal_quantile([0.5, 0.95, 0.975, 0.001]) == pytest.approx(
        [0, 1.644854, 1.959964, -3.090232], abs=1e-6
    )
