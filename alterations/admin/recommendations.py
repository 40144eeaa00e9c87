from django.contrib import admin
from unfold.decorators import display

from alterations.models import Recommendation
from boutique.admin import CappedPaginator, Window, label, moment, panel

COLOURS = {"suggested": "success", "not_sure": "warning", "not_ours": "info"}


@admin.register(Recommendation)
class RecommendationAdmin(Window):
    """What was advised: whose words, who or what answered, what it cost, and what was made of it."""

    shelf, title, icon = "Books", "Advice given", "forum"
    list_display = ["when", "who", "words", "state", "answered_by", "taken"]
    list_filter = ["outcome", "engine", "degraded", "at"]
    list_select_related = ["by", "ticket", "acceptance__by"]
    search_fields = ["said"]
    search_help_text = "Words of the request; they are kept for 90 days"
    ordering = ["-pk"]
    show_full_result_count = False
    paginator = CappedPaginator
    shortcuts = [("All", ""), ("Without the model, though there is one", "degraded__exact=1")]
    fields = [
        "when", "who", "ticket", "said", "garment_type", "fabric", "state", "answered_by", "degraded_reason", "taken",
        "catalogue_version", "model", "prompt_version", "result", "tokens_in", "tokens_out", "cost", "milliseconds",
    ]  # fmt: skip

    def panels(self, request, row):
        return [suggested(row)]

    @display(description="when", ordering="at")
    def when(self, row):
        return moment(row.at)

    @display(description="asked by", ordering="by__first_name")
    def who(self, row):
        return str(row.by)

    @display(description="words")
    def words(self, row):
        return row.said[:80] or "forgotten"

    @display(description="outcome", ordering="outcome")
    def state(self, row):
        return label(row.get_outcome_display(), COLOURS[row.outcome])

    @display(description="answered by", ordering="engine")
    def answered_by(self, row):
        return f"{row.get_engine_display()}: {row.model}" if row.engine == "llm" else row.get_engine_display()

    @display(description="accepted by")
    def taken(self, row):
        return str(row.acceptance.by) if hasattr(row, "acceptance") else ""


def suggested(row):
    chosen = set(row.acceptance.chosen) if hasattr(row, "acceptance") else set()
    rows = [
        [item["rank"], item["name"], item["confidence"], "yes" if item["selected"] else "",
         "yes" if item["service"] in chosen else "", item["reason"]]
        for item in row.answer["items"]
    ]  # fmt: skip
    return panel("Suggested", ["", "service", "sure", "put down", "accepted", "why"], rows)
