"""Half a year of real demand once more: what a shop that orders by the forecasts would have served, and with how much.

Each week it sees what it sold, not what was wanted; it orders up to the quantile over lead time plus review, and what
it ordered comes after the lead time. Demand that meets an empty shelf is lost.
"""

import numpy as np

from forecasting.methods import forecast

WEEKS, LEAD, REVIEW = 26, 3, 1


def replay(demand, *, service, weeks=WEEKS, told=True, season_length=52):
    """(fill, weeks of cover): the share of pieces served at once, and the stock held on average by a week's demand.

    `demand` is series × weeks, NaN before an item came; the last `weeks` are replayed. Without `told` the system never
    hears that a shelf was empty, and takes sales for demand.
    """
    start = demand.shape[1] - weeks
    seen, known, censored = demand.copy(), np.isfinite(demand), np.zeros(demand.shape, bool)
    stock = _target(seen[:, :start], known[:, :start], censored[:, :start], service, season_length)
    road = np.zeros((LEAD, len(demand)))
    served, held = 0.0, 0.0
    for week in range(start, demand.shape[1]):
        stock += road[0]
        wanted = np.nan_to_num(demand[:, week])
        sold = np.minimum(stock, wanted)
        seen[:, week] = np.where(known[:, week], sold, np.nan)
        if told:
            known[:, week] &= (stock > 0) | (wanted == 0)
            censored[:, week] = (stock > 0) & (wanted >= stock) & (wanted > 0)
        # What lies there over the week: the mean of its first and its last day.
        held += (stock - sold / 2).sum()
        stock = stock - sold
        served += sold.sum()
        road = np.vstack([road[1:], np.zeros((1, len(demand)))])
        part = slice(None, week + 1)
        target = _target(seen[:, part], known[:, part], censored[:, part], service, season_length)
        road[-1] = np.maximum(target - stock - road.sum(axis=0), 0.0)
    wanted = np.nansum(demand[:, start:])
    return served / wanted, held / wanted


def _target(seen, known, censored, service, season_length):
    made = forecast(
        seen, known=known, censored=censored, horizon=1, protection=LEAD + REVIEW, season_length=season_length,
        quantiles=(service,), origins=0,
    )  # fmt: skip
    return made.total_quantiles[:, 0]
