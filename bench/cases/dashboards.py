"""Dashboards of an old house, beside a young one with the same shelves. `--movements 10000000` makes it as old as the
contract's."""

from accounts.roles import Role
from bench import ages, shop
from bench.registry import Ask, case

MOST_GROWTH = 1.5


def asking(age, path, role=Role.MANAGER):
    places = {"young": ages.young, "old": ages.old}[age]()
    token = shop.token(shop.person(role, places=places))
    return lambda: Ask("GET", f"dashboard/{path}", token, headers={"X-Shop": age})


@case(queries=12, ratio=60)
def store_young(client):
    """GET dashboard/store/ of 4 places with 100,000 movements and 25,000 sales in a year."""
    return asking("young", "store/")


@case(queries=12, ratio=60, grown_from="store-young", growth=MOST_GROWTH)
def store_old(client):
    """GET dashboard/store/ of 4 places with the large ledger."""
    return asking("old", "store/")


@case(queries=12, ratio=60)
def house_young(client):
    """GET dashboard/admin/ with 100,000 movements and 25,000 sales in a year."""
    return asking("young", "admin/", Role.ADMIN)


@case(queries=12, ratio=60, grown_from="house-young", growth=MOST_GROWTH)
def house_old(client):
    """GET dashboard/admin/ with the large ledger."""
    return asking("old", "admin/", Role.ADMIN)


@case(queries=12, ratio=60)
def sales_young(client):
    """GET dashboard/total-sales/ by day, of 25,000 sales in a year."""
    return asking("young", "total-sales/")


@case(queries=12, ratio=60, grown_from="sales-young", growth=MOST_GROWTH)
def sales_old(client):
    """GET dashboard/total-sales/ by day, of a fourth as many sales as the large ledger has movements."""
    return asking("old", "total-sales/")


@case(queries=12, ratio=60)
def products_young(client):
    """GET dashboard/top-products/ of 250 products, of 25,000 sales in a year."""
    return asking("young", "top-products/")


@case(queries=12, ratio=60, grown_from="products-young", growth=MOST_GROWTH)
def products_old(client):
    """GET dashboard/top-products/ of 250 products, of a fourth as many sales as the large ledger has movements."""
    return asking("old", "top-products/")


@case(queries=12, ratio=150)
def low_young(client):
    """GET dashboard/low-stock/ of 10,000 shelves: the 500 emptiest."""
    return asking("young", "low-stock/?location=" + str(ages.young()[0].pk))


@case(queries=12, ratio=150, grown_from="low-young", growth=MOST_GROWTH)
def low_old(client):
    """GET dashboard/low-stock/ of 10,000 shelves with the large ledger."""
    return asking("old", "low-stock/?location=" + str(ages.old()[0].pk))
