"""Forecasts of styles, categories and places: always the sum of their SKUs', so that no two numbers disagree."""

from django.db.models import Count, F, Max, Sum

from skus.models import Category

MOST_SHOWN = 500
GROUPS = {
    "location": ("location", "location__name"),
    "category": ("sku__product__category", "sku__product__category__name"),
    "product": ("sku__product", "sku__product__name"),
}


def added_up(forecasts, *, group_by="location", location=None, category=None, product=None):
    """Rows of `id`, `name`, `series`, `start` and `mean`. Runs of different weeks are not mixed."""
    if location:
        forecasts = forecasts.filter(location=location)
    if category:
        forecasts = forecasts.filter(sku__product__category__in=Category.objects.within(category))
    if product:
        forecasts = forecasts.filter(sku__product=product)
    key, name = GROUPS[group_by]
    weeks = forecasts.aggregate(most=Max("mean__len"))["most"] or 0
    sums = {f"week_{number}": Sum(f"mean__{number}") for number in range(weeks)}
    rows = forecasts.order_by().values("start", key=F(key), label=F(name)).annotate(series=Count("pk"), **sums)
    rows = list(rows.annotate(sold=Sum("expected")).order_by("-sold", "key")[: MOST_SHOWN + 1])
    return {
        "group_by": group_by,
        "results": [
            {
                "id": row["key"],
                "name": row["label"] or "",
                "series": row["series"],
                "start": row["start"],
                "mean": [round(row[week], 3) for week in sums if row[week] is not None],
            }
            for row in rows[:MOST_SHOWN]
        ],
        "more": len(rows) > MOST_SHOWN,
    }
