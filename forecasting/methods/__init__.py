"""What will sell: pure functions over arrays of all series at once. Numbers in, numbers out; no ORM, numpy only.

    forecast(history, known=, censored=, groups=, season_length=, horizon=, protection=, quantiles=, quantum=, origins=)

is the one door, and its signature is stable. `Forecast.over(periods, variance)` gives the demand of any other window,
which `forecasting.reordering` turns into reorder points, targets and quantities.
"""

from forecasting.methods.forecast import QUANTILES, Forecast, forecast
from forecasting.methods.totals import Total

__all__ = ["QUANTILES", "Forecast", "Total", "forecast"]
