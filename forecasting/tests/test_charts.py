"""The picture of a forecast: readable by people, by machines that read aloud, and by nobody's browser as a script."""

from datetime import date
from xml.etree import ElementTree

import pytest

from forecasting import charts
from forecasting.tests.factories import ForecastFactory
from skus.tests.factories import ProductFactory, SkuFactory

SVG = "{http://www.w3.org/2000/svg}"
TRAP = "<script>alert(1)</script>"

pytestmark = pytest.mark.django_db


def drawn(forecast, **options):
    return ElementTree.fromstring(charts.svg(forecast, **options))  # noqa: S314 (our own)


def of(picture, kind, name):
    return picture.findall(f"{SVG}{kind}[@class='{name}']")


def test_it_shows_history_forecast_band_and_weeks_without_stock(store):
    picture = drawn(ForecastFactory(location=store))

    (mean,) = of(picture, "polyline", "mean")
    assert len(mean.get("points").split()) == 4
    assert [len(line.get("points").split()) for line in of(picture, "polyline", "sold")] == [2, 5]  # a week is unknown
    assert len(of(picture, "polygon", "wide")) == len(of(picture, "polygon", "near")) == 1
    assert [shade.get("opacity") for shade in of(picture, "rect", "none")] == ["1.00", "0.57"]
    assert "02 Nov 26" in "".join(picture.itertext())


def test_it_says_in_words_what_it_shows(store):
    forecast = ForecastFactory(location=store, sku=SkuFactory(code="DRS-RED-M"))
    picture = drawn(forecast)

    title, told = (picture.find(f"{SVG}{name}") for name in ("title", "desc"))
    assert picture.get("role") == "img"
    assert picture.get("aria-labelledby") == f"{title.get('id')} {told.get('id')}"
    assert title.text == f"DRS-RED-M in {store.name}"
    assert "Sold in 7 weeks with stock: 35. Weeks with days without stock: 2." in told.text
    assert "5.25 a week on average for 4 weeks; in 95 of 100 cases no more than 10 in a week." in told.text
    assert "It sells every week." in told.text


def test_words_of_people_are_words(store):
    sku = SkuFactory(product=ProductFactory(name=f"{TRAP} & \x07 co"))

    content = charts.svg(ForecastFactory(sku=sku, location=store, reason=TRAP))

    assert b"<script" not in content
    assert b"&lt;script&gt;alert(1)&lt;/script&gt; &amp;  co" in content


@pytest.mark.parametrize(
    ("history", "mean", "most"),
    [([], [0.0], [0]), ([None], [0.0, 0.0], [0, 0]), ([3.0], [1234567.0], [2000000]), ([None, 2.0, None], [1.5], [4])],
)
def test_whatever_the_numbers_it_is_a_picture(history, mean, most, store):
    quantiles = dict.fromkeys(("0.5", "0.8", "0.95"), most)
    days = [0 if sold is None else 7 for sold in history]
    forecast = ForecastFactory(location=store, history=history, days_open=days, mean=mean, quantiles=quantiles)

    picture = drawn(forecast)

    assert len(of(picture, "polyline", "mean")) == 1
    assert "nan" not in ElementTree.tostring(picture).decode().lower()


def test_its_colours_follow_the_page_or_are_for_white_paper(store):
    forecast = ForecastFactory(location=store)

    assert b"prefers-color-scheme:dark" in charts.svg(forecast)
    assert b"prefers-color-scheme" not in charts.svg(forecast, colours=charts.ON_LIGHT)


def test_the_scale_ends_on_a_number_one_can_say():
    assert [charts.round_up(most) for most in (1, 3, 5, 9, 11, 61, 1001)] == [1, 4, 6, 10, 20, 80, 2000]


def test_it_is_served_as_svg(store, clerk, as_):
    forecast = ForecastFactory(location=store, start=date(2026, 11, 2))

    answer = as_(clerk).get(f"forecasts/{forecast.pk}/chart.svg")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/svg+xml")
    assert answer.content == charts.svg(forecast)
