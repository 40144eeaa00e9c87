from forecasting.models.forecasts import Forecast
from forecasting.models.runs import ForecastChunk, ForecastRun, RunPlace
from forecasting.models.suggestions import ReorderSuggestion, ServiceLevel

__all__ = ["Forecast", "ForecastChunk", "ForecastRun", "ReorderSuggestion", "RunPlace", "ServiceLevel"]
