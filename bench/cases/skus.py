"""The catalogue: pages, search and look-up in a large one, each beside the same in one of 10,000 SKUs.

`--skus 1000000` makes it as large as the contract's.
"""

import itertools

from accounts.roles import Role
from bench import catalogue, shop
from bench.registry import Ask, case

MOST_GROWTH = 1.5


def asking(path, headers):
    token = shop.token(shop.person(Role.ADMIN))
    return lambda: Ask("GET", path, token, headers=headers)


def in_small(path):
    catalogue.small()
    return asking(path, catalogue.SMALL)


def in_large(path):
    catalogue.small()
    catalogue.large()
    return asking(path, catalogue.LARGE)


@case(queries=4, ratio=14)
def few_skus(client):
    """GET skus/ of 10,000: a page of 50."""
    return in_small("skus/?page_size=50")


@case(queries=4, ratio=14, grown_from="few-skus", growth=MOST_GROWTH)
def page_of_skus(client):
    """GET skus/ of many: a page of 50."""
    return in_large("skus/?page_size=50")


@case(queries=4, ratio=40)
def few_products(client):
    """GET products/ of 1,000: a page of 50."""
    return in_small("products/?page_size=50")


@case(queries=4, ratio=40, grown_from="few-products", growth=MOST_GROWTH)
def page_of_products(client):
    """GET products/ of many: a page of 50."""
    return in_large("products/?page_size=50")


@case(queries=2, ratio=10)
def sku(client):
    """GET skus/{id}/ of many."""
    return in_large("skus/4711/")


@case(queries=4, ratio=12)
def few_rare(client):
    """GET skus/?search= of 10,000 for a word that 10 of them have."""
    return in_small("skus/?page_size=10&search=zari977")


@case(queries=4, ratio=14, grown_from="few-rare", growth=MOST_GROWTH)
def search_rare(client):
    """GET skus/?search= of many for a word that 10 of them have."""
    return in_large(f"skus/?page_size=10&search=zari{catalogue.many() // 10}")


@case(queries=4)
def few_common(client):
    """GET skus/?search= of 10,000 for a word that half of them have."""
    return in_small("skus/?search=kurta")


@case(queries=4, grown_from="few-common", growth=MOST_GROWTH)
def search_common(client):
    """GET skus/?search= of many for a word that half of them have."""
    return in_large("skus/?search=kurta")


@case(queries=4)
def few_two_words(client):
    """GET skus/?search= of 10,000 for two words, one of them rare."""
    return in_small("skus/?page_size=10&search=kurta+zari976")


@case(queries=4, grown_from="few-two-words", growth=MOST_GROWTH)
def search_two_words(client):
    """GET skus/?search= of many for two words, one of them rare."""
    return in_large(f"skus/?page_size=10&search=kurta+zari{catalogue.many() // 10 - 4}")


@case(queries=4)
def few_barcodes(client):
    """GET skus/?search= of 10,000 for a whole barcode."""
    catalogue.small()
    return asking(f"skus/?search={catalogue.barcode_of(4711, schema='small')}", catalogue.SMALL)


@case(queries=4, grown_from="few-barcodes", growth=MOST_GROWTH)
def search_barcode(client):
    """GET skus/?search= of many for a whole barcode."""
    catalogue.small()
    catalogue.large()
    return asking(f"skus/?search={catalogue.barcode_of(4711)}", catalogue.LARGE)


@case(queries=12)
def generate_500(client):
    """POST products/{id}/generate-skus/: 500 each time, of a new product, in a large catalogue."""
    catalogue.small()
    catalogue.large()
    token, products = shop.token(shop.person(Role.ADMIN)), itertools.cycle(catalogue.wide_products(100))
    return lambda: Ask("POST", f"products/{next(products)}/generate-skus/", token, {})


@case(queries=3, ratio=12)
def few_look_ups(client):
    """GET barcodes/{code}/ of 10,000, by a barcode."""
    catalogue.small()
    return asking(f"barcodes/{catalogue.barcode_of(4711, schema='small')}/", catalogue.SMALL)


@case(queries=3, ratio=12, grown_from="few-look-ups", growth=MOST_GROWTH)
def look_up(client):
    """GET barcodes/{code}/ of many, by a barcode."""
    catalogue.small()
    catalogue.large()
    return asking(f"barcodes/{catalogue.barcode_of(4711)}/", catalogue.LARGE)


@case(queries=2, ratio=500)
def labels_500(client):
    """POST labels/: a sheet of 500 SKUs, a label each."""
    catalogue.large()
    token = shop.token(shop.person(Role.ADMIN))
    body = {"items": [{"sku": pk} for pk in catalogue.skus(500)], "layout": "a4_3x8"}
    return lambda: Ask("POST", "labels/", token, body)
