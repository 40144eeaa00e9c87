"""Reports by e-mail on the desk of whoever wants them."""

from django import forms
from django.contrib import admin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from accounts.models import Location
from boutique.admin import HouseAdmin, HouseForm
from reports.models import Subscription
from reports.services import subscriptions


class SubscriptionForm(HouseForm):
    group_by = forms.CharField(
        max_length=20,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="Such as day, product, person or tender for sales. Empty: the report's usual way.",
    )
    locations = forms.ModelMultipleChoiceField(
        Location.objects.order_by("code"),
        required=False,
        label="Places",
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="None: all that you see on the day it is sent.",
    )


@admin.register(Subscription)
class SubscriptionAdmin(HouseAdmin):
    shelf, title, icon, noun = "Books", "Reports by e-mail", "forward_to_inbox", "subscription"
    form = SubscriptionForm
    list_display = ["report", "group_by", "frequency", "places", "is_active", "sent_until"]
    list_filter = ["report", "frequency", "is_active"]
    fields = ["report", "group_by", "frequency", "locations", "is_active"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("locations")

    def make(self, *, by, **sent):
        return subscriptions.subscribe(by=by, **sent)

    def change(self, subscription, *, by, **sent):
        return subscriptions.change(subscription=subscription, by=by, **sent)

    def remove(self, subscription, *, by):
        subscriptions.unsubscribe(subscription=subscription, by=by)

    @display(description="places")
    def places(self, subscription):
        return ", ".join(place.code for place in subscription.locations.all()) or "all"
