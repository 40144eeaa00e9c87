"""Whole packs up to the target, once the position is at the reorder point; and what that comes to as a story."""

import numpy as np

from forecasting import reordering
from forecasting.methods import forecast


def quantity(**told):
    return float(reordering.order(**told)[-1])


def test_on_hand_4_reserved_1_incoming_5_orders_three_packs_of_six_and_then_nothing():
    position = 4 - 1 + 5

    first = quantity(position=position, point=10, target=24, pack=6)

    assert (position, first) == (8, 18)
    assert quantity(position=position + first, point=10, target=24, pack=6) == 0


def test_what_is_ordered():
    cases = [
        ("at the point", {"position": 10, "point": 10, "target": 24}, 14),
        ("above the point", {"position": 11, "point": 10, "target": 24}, 0),
        ("the minimum", {"position": 20, "point": 24, "target": 24, "minimum": 12}, 12),
        ("the minimum in packs", {"position": 20, "point": 24, "target": 24, "minimum": 12, "pack": 5}, 15),
        ("no pack known", {"position": 0, "point": 1, "target": 3, "pack": 0}, 3),
        ("more promised than there is", {"position": -4, "point": 1, "target": 3}, 7),
        ("nothing will sell", {"position": 0, "point": 0, "target": 0, "minimum": 10}, 0),
        ("cloth", {"position": 0.7, "point": 1, "target": 1.0, "pack": 0.1}, 0.3),
    ]

    assert [(name, quantity(**told)) for name, told, _due in cases] == [(name, due) for name, _told, due in cases]


def test_all_shelves_are_reckoned_at_once():
    *_rest, short, ordered = reordering.order(position=[8, 26], point=[10, 10], target=[24, 24], pack=6)

    assert short.tolist() == [16, 0]
    assert ordered.tolist() == [18, 0]


def test_two_weeks_of_lead_time_at_95_percent():
    made = forecast([[4, 6, 5, 7, 3, 5, 6, 4]], protection=2, horizon=4)

    until_delivery = made.over(2)

    assert until_delivery.mean.tolist() == [10.0]
    assert until_delivery.quantile(0.95).tolist() == [14.0]
    # A week more or less until it comes: the point rises with it.
    assert made.over(2, variance=1.0).quantile(0.95)[0] >= 20
    assert until_delivery.expected_fill([14.0])[0] > 0.99


def test_a_longer_wait_and_a_higher_service_never_need_less():
    random = np.random.default_rng(3)
    made = forecast(random.negative_binomial(1, 0.3, (50, 60)), protection=4, horizon=6)

    points = np.stack([made.over(weeks).quantile(0.95) for weeks in (0, 0.5, 1, 2.5, 4, 9, 30)])
    served = np.stack([made.over(4).quantile(level) for level in (0.5, 0.8, 0.95, 0.99)])

    assert (np.diff(points, axis=0) >= 0).all()
    assert (np.diff(served, axis=0) >= 0).all()
    assert (points[0] == 0).all()
