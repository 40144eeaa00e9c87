"""What the forecasts say of histories that a shopkeeper could judge by eye."""

import numpy as np
import pytest

from forecasting.methods import QUANTILES, forecast
from forecasting.methods.totals import together

NAN = np.nan
OUT_OF_STOCK = [6, 6, 0, 0, 6, 6, 6, 6]


def poisson(mean, series=40, weeks=104, seed=5):
    return np.random.default_rng(seed).poisson(mean, (series, weeks)).astype(float)


def test_steady_weeks_give_their_average():
    assert np.round(forecast([[4, 6, 5, 7, 3, 5, 6, 4]]).mean, 2).tolist() == [[5.0] * 13]


def test_weeks_without_stock_are_unknown_and_not_zero():
    told = forecast([OUT_OF_STOCK], known=[[week not in (2, 3) for week in range(8)]])
    blank = forecast([[NAN if week in (2, 3) else 6 for week in range(8)]])
    untold = forecast([OUT_OF_STOCK])

    assert told.mean[0, 0] == blank.mean[0, 0] == 6.0
    assert untold.mean[0, 0] < 5


def test_a_shelf_that_ran_empty_stands_for_more_than_it_sold():
    sold = np.minimum(poisson(6, weeks=60), 5)

    told = forecast(sold, censored=sold == 5, origins=0)
    untold = forecast(sold, origins=0)

    assert untold.mean.mean() < 5
    assert 5.4 < told.mean.mean() < 6.6


def test_any_history_gives_sane_numbers():
    """Whole or not, long or short: means are finite, quantiles rise from the median, none is below nothing."""
    random = np.random.default_rng(2)
    histories = {
        "none": [[0] * 30],
        "never in stock": [[NAN] * 30],
        "one sale ever": [[0] * 29 + [1]],
        "all in one day": [[0] * 12 + [400] + [0] * 17],
        "more returned than sold": [[-3, 2, -1, 0, -5, 0, 0, 1, 0, 0]],
        "one week": [[7]],
        "a best week of 292": [[1, 292, 3]],
        "came this week": [[NAN] * 29 + [5]],
        "ten years of days": random.poisson(3, (2, 3650)),
        "thousands": random.integers(10_000, 90_000, (3, 150)),
        "every second week": [[0, 9] * 60],
        "no series": np.zeros((0, 20)),
        "no periods": np.zeros((2, 0)),
    }
    for name, history in histories.items():
        made = forecast(history, horizon=60, protection=5)

        best = np.nanmax(np.nan_to_num(np.asarray(history, float)), initial=1)
        assert np.isfinite(made.mean).all(), name
        assert (made.mean >= 0).all(), name
        assert (np.diff(made.quantiles, axis=2) >= 0).all(), name
        assert (np.diff(made.total_quantiles, axis=1) >= 0).all(), name
        assert made.quantiles.max(initial=0) <= 3 * best + 5, name


def test_a_history_of_one_to_seven_weeks_promises_no_more_than_a_few_times_its_best_week():
    for weeks in range(1, 8):
        history = np.random.default_rng(weeks).negative_binomial(1, 0.1, (200, weeks))

        made = forecast(history, origins=0)

        assert (made.quantiles[:, 0, -1] <= 4 * history.max(axis=1) + 6).all()


def test_the_levels_follow_a_step_but_not_a_single_order():
    step = np.concatenate([poisson(4, weeks=60), poisson(12, weeks=20)], axis=1)[:1]
    single = poisson(4, series=1, weeks=80)
    single[0, 77] = 90

    assert forecast(step, season_length=1, origins=0).level[0] == pytest.approx(12, rel=0.25)
    assert forecast(single, season_length=1, origins=0).level[0] < 8


def test_everybodys_peak_comes_again_next_year():
    weeks = np.arange(98)
    shop = np.where(weeks % 52 >= 46, 2.5, 1.0)

    ahead = forecast(poisson(4 * shop, weeks=98), horizon=6, origins=0).mean.mean(axis=0)

    assert ahead[1:-1] == pytest.approx(10, rel=0.15)
    assert forecast(poisson(4 * shop, weeks=98), season_length=1, horizon=6, origins=0).mean.mean() < 5


def test_an_item_alone_shows_its_own_season_after_some_years():
    weeks = np.arange(52 * 4 + 20)
    coat = 50 + 40 * np.cos(2 * np.pi * weeks / 52)

    ahead = forecast([coat], horizon=26, protection=1, origins=0).mean[0]

    due = 50 + 40 * np.cos(2 * np.pi * (weeks[-1] + 1 + np.arange(26)) / 52)
    assert np.abs(ahead - due).max() < 12


def test_a_category_has_a_season_of_its_own():
    weeks = np.arange(120)
    coats, dresses = (poisson(6 * (1 + 0.8 * np.cos(2 * np.pi * (weeks - peak) / 52)), weeks=120) for peak in (0, 26))
    category = np.repeat([0, 1], 40)

    made = forecast(np.vstack([coats, dresses]), groups=[category], horizon=1, season_length=52, origins=0)

    due = [6 * (1 + 0.8 * np.cos(2 * np.pi * (120 - peak) / 52)) for peak in (0, 26)]
    assert [made.mean[category == code].mean() for code in (0, 1)] == pytest.approx(due, rel=0.15)


def test_a_new_item_borrows_from_its_style_then_its_category():
    weeks = 30
    history = np.full((5, weeks), NAN)
    history[0], history[1] = 10, 2
    history[3, -2:] = [4, 4]
    style, category = np.array([1, 2, 1, 1, -1]), np.zeros(5, int)

    made = forecast(history, groups=[style, category], origins=0)

    never_sold, two_weeks, other_style = made.level[2], made.level[3], made.level[4]
    assert made.demand_class.tolist() == ["smooth", "smooth", "new", "new", "new"]
    assert 6 < never_sold < 10
    assert 4 < two_weeks < never_sold
    assert 2 < other_style < never_sold
    assert made.level[:2].tolist() == [10, 2]


def test_nobody_to_borrow_from_leaves_a_new_item_alone():
    made = forecast([[NAN, NAN, 4, 4]], groups=[[-1], [-1]])

    assert made.level.tolist() == [4]


def test_demand_classes():
    histories = {
        "smooth": [5, 6, 4, 5] * 10,
        "intermittent": [0, 2, 0, 0, 3, 0, 0, 2] * 5,
        "erratic": [1, 30, 2, 1, 25, 1, 3, 20] * 5,
        "lumpy": [0, 1, 0, 0, 30, 0, 0, 2] * 5,
        "dead": [5, 6, 4, 5] * 7 + [0] * 12,
        "new": [NAN] * 36 + [5, 6, 4, 5],
    }

    assert forecast(list(histories.values()), origins=0).demand_class.tolist() == list(histories)


def test_rises_and_falls_go_on_where_they_went_on_before():
    weeks = np.arange(80)
    slope = np.repeat([0.02, -0.02, 0], [6, 6, 48])[:, None]
    size = np.repeat([6, 40, 30], [6, 6, 48])[:, None]
    due = size * np.exp(slope * np.arange(80, 86))
    lasting = forecast(poisson(size * np.exp(slope * weeks), 60, 80), horizon=6, season_length=1, origins=0).mean

    steady = forecast(poisson(20, 60, 80), horizon=6, season_length=1, origins=0).mean

    assert lasting[:6].mean() == pytest.approx(due[:6].mean(), rel=0.13)
    assert lasting[6:12].mean() == pytest.approx(due[6:12].mean(), rel=0.05)
    assert steady.mean(axis=0) == pytest.approx(20, rel=0.03)
    assert np.abs(steady[:, -1] / steady[:, 0] - 1).max() < 0.03


def test_a_year_of_growth_is_not_taken_for_a_season():
    weeks = np.arange(112)

    made = forecast(poisson(20 * np.exp(0.01 * weeks), 60, 112), horizon=4, origins=0)

    assert made.mean.mean() == pytest.approx(20 * np.exp(0.01 * 113.5), rel=0.1)


def test_what_nobody_asks_for_any_more_fades():
    sold = poisson(5, weeks=72)
    sold[:5, 60:] = 0

    level = forecast(sold, origins=0).level

    assert level[:5].max() < 0.5
    assert level[5:].min() > 3


@pytest.mark.parametrize(("mean", "lumpy"), [(0.3, 1.5), (4.0, 1.0), (4.0, 4.0), (60.0, 10.0)])
def test_the_quantiles_hold_what_they_promise(mean, lumpy):
    random = np.random.default_rng(11)
    size = mean / max(lumpy - 1, 1e-3)
    demand = random.negative_binomial(size, size / (size + mean), (400, 70))

    made = forecast(demand[:, :60], horizon=10, protection=5, season_length=1, origins=0)

    within = (demand[:, 60:, None] <= made.quantiles).mean(axis=(0, 1))
    total = (demand[:, 60:65].sum(axis=1)[:, None] <= made.total_quantiles).mean(axis=0)
    assert (within >= np.array(QUANTILES) - 0.04).all()
    assert 0.93 <= within[3] <= 0.985
    assert 0.90 <= total[3] <= 0.985


def test_the_back_test_judges_beside_the_naive_forecast():
    made = forecast(poisson(4, series=60), season_length=1)

    assert made.accuracy.loss.sum() < 0.8 * made.accuracy.naive_loss.sum()
    assert np.nanmean(made.accuracy.mase) < 0.95
    assert abs(np.nanmean(made.accuracy.bias)) < 0.1
    assert 0.9 < np.nanmean(made.accuracy.coverage) < 0.99


def test_the_back_test_says_nothing_of_a_history_too_short_for_it():
    accuracy = forecast([[4, 6, 5, 7, 3, 5, 6, 4]]).accuracy

    assert np.isnan([accuracy.wql, accuracy.naive_wql, accuracy.mase, accuracy.bias, accuracy.coverage]).all()


def test_the_back_test_does_not_see_what_it_is_to_forecast():
    """Changing the last weeks changes what is judged, not what was forecast."""
    history = poisson(4, series=20, weeks=60)
    other = history.copy()
    other[:, -8:] = 0

    assert forecast(other, horizon=8, origins=1).accuracy.loss.sum() > 0
    assert forecast(history, horizon=8, origins=1).accuracy.sold.sum() == history[:, -8:].sum()


def test_families_are_the_sum_of_their_members():
    made = forecast(poisson(3, series=6), horizon=4, origins=0)

    styles, mean, ratio = together(made.mean, made.ratio[:, None], [7, 7, 3, 3, 3, 9])

    assert styles.tolist() == [3, 7, 9]
    assert mean.sum(axis=0) == pytest.approx(made.mean.sum(axis=0))
    assert mean[1] == pytest.approx(made.mean[:2].sum(axis=0))
    assert ratio[2] == pytest.approx(np.repeat(made.ratio[5], 4))


def test_a_horizon_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        forecast([[1, 2]], horizon=0)
