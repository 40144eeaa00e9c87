"""What is typed into the forms of the catalogue."""

import csv

from django import forms
from rest_framework.serializers import ValidationError as BadText
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from boutique import images
from boutique.api.serializers import Text
from boutique.errors import RuleError
from skus.admin.shown import path_of
from skus.models import MOST_MONEY, MOST_VALUES, Category, code_text


class CodeField(forms.CharField):
    """Upper or lower case is the same to people; it is kept in capitals."""

    def __init__(self, **options):
        super().__init__(validators=[code_text], widget=UnfoldAdminTextInputWidget, **options)

    def to_python(self, value):
        return super().to_python(value).upper()


class ValuesField(forms.CharField):
    """Sizes, colours or styles, between commas. What holds a comma itself stands in quotes: "36,5", 37."""

    def __init__(self, **options):
        widget = UnfoldAdminTextInputWidget
        super().__init__(required=False, max_length=45 * MOST_VALUES, widget=widget, **options)

    def prepare_value(self, value):
        return ", ".join(quoted(text) for text in value) if isinstance(value, list) else value

    def to_python(self, value):
        text = super().to_python(value)
        if len(text) > self.max_length:
            raise forms.ValidationError(f"At most {MOST_VALUES}, of 40 letters each.")
        typed = [part.strip() for line in text.splitlines() for part in parts_of(line)]
        return [part for part in typed if part]

    def has_changed(self, initial, data):
        try:
            return (initial or []) != self.to_python(data)
        except forms.ValidationError:
            return True

    def run_validators(self, value):
        pass  # those of a text; see validate

    def validate(self, value):
        if len(value) > MOST_VALUES:
            raise forms.ValidationError(f"At most {MOST_VALUES}.")
        for text in value:
            try:
                Text(max_length=40).run_validation(text)
            except BadText as error:
                raise forms.ValidationError(f"{text[:60]}: {error.detail[0]}") from None


def parts_of(line):
    return next(csv.reader([line], skipinitialspace=True), [])


def quoted(text):
    return '"{}"'.format(text.replace('"', '""')) if {",", '"'} & set(text) else text


class PriceField(forms.DecimalField):
    def __init__(self, **options):
        digits = {"max_digits": 12, "decimal_places": 2, "min_value": 0, "max_value": MOST_MONEY}
        super().__init__(widget=UnfoldAdminDecimalFieldWidget, required=False, **digits, **options)


class PictureField(forms.FileField):
    """Takes what the API takes, and gives the service our own re-encoding of it."""

    def __init__(self, **options):
        widget = UnfoldAdminFileFieldWidget(attrs={"accept": "image/jpeg,image/png,image/webp"})
        super().__init__(widget=widget, **options)

    def clean(self, data, initial=None):
        upload = super().clean(data, initial)
        try:
            return images.accept(upload)
        except (images.BadPicture, RuleError) as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


class ShelfField(forms.ModelChoiceField):
    """Categories by their path, as a tree."""

    def label_from_instance(self, category):
        return path_of(category)


class OnShelves:
    def formfield_for_foreignkey(self, db_field, request, **options):
        if db_field.related_model is Category:
            options |= {"form_class": ShelfField, "queryset": shelves(), "widget": UnfoldAdminSelectWidget}
        return super().formfield_for_foreignkey(db_field, request, **options)


def shelves():
    return Category.objects.with_path().order_by("path", "pk")
