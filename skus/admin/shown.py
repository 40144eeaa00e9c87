"""Prices, states, pictures and symbols as the pages show them."""

import base64

from django.conf import settings
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from boutique.admin import label
from boutique.media import thumbnail_name
from skus import gtin, symbols


def amount(price):
    return f"{price:,.2f}\u00a0{settings.BOUTIQUE_CURRENCY}"


def amounts(lowest, highest):
    return amount(lowest) if lowest == highest else f"{lowest:,.2f} \u2013 {amount(highest)}"


def activity(row):
    return label("Active", "success") if row.is_active else label("Archived", "danger")


def path_of(category):
    return " \u203a ".join(category.path)


def symbol(value, height=48):
    """On white in the dark theme too: scanners read dark bars on light paper."""
    drawn = base64.b64encode(symbols.svg(value)).decode()
    return format_html(
        '<img class="bg-white max-w-none p-1 rounded-default" src="data:image/svg+xml;base64,{}" alt="{}" '
        'style="height: {}px">',
        drawn,
        gtin.printed(value),
        height,
    )


def thumbnail(name, alt, side=64):
    return format_html(
        '<a href="{}"><img class="max-w-none object-cover rounded-default" loading="lazy" src="{}" alt="{}" '
        'style="height: {side}px; width: {side}px"></a>',
        default_storage.url(name),
        default_storage.url(thumbnail_name(name)),
        alt,
        side=side,
    )


def doors(*links):
    """(text, address) pairs beside one another; those that lead to a loss in red."""
    colours = {"Delete": "text-red-700 dark:text-red-400", "Remove": "text-red-700 dark:text-red-400"}
    usual = "text-primary-600 dark:text-primary-500"
    pairs = ((colours.get(text, usual), address, text) for text, address in links)
    return format_html_join(" \u00a0 ", '<a class="font-medium {}" href="{}">{}</a>', pairs)


def door(row, name):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=[row.pk])


def in_number(number, opts):
    """1 product, 2 products"""
    return f"{number} {opts.verbose_name if number == 1 else opts.verbose_name_plural}"
