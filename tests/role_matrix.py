"""Who may do what on every route of the API: the contract's matrix, as data. A route that is not here fails the suite.

A: all rows. S: rows of their own places, others do not exist (404). O: themselves. ·: refused (403; nobody: 401).
"""

ROLES = ("admin", "manager", "staff", "junior_designer", "tailor", "viewer", "nobody")

EVERYBODY = "A A A A A A A"
SIGNED_IN = "O O O O O O ·"
MATRIX = {
    "GET ": EVERYBODY,
    # accounts
    "POST auth/register/": EVERYBODY,
    "POST auth/login/": EVERYBODY,
    "POST auth/refresh/": EVERYBODY,
    "POST auth/logout/": EVERYBODY,
    "POST auth/logout-all/": SIGNED_IN,
    "POST auth/password/change/": SIGNED_IN,
    "POST auth/password/reset/": EVERYBODY,
    "POST auth/password/reset/confirm/": EVERYBODY,
    "GET profile/": SIGNED_IN,
    "PATCH profile/": SIGNED_IN,
    "PUT profile/photo/": SIGNED_IN,
    "DELETE profile/photo/": SIGNED_IN,
    "GET users/": "A S · · · · ·",
    "POST users/": "A · · · · · ·",
    "GET users/{pk}/": "A S · · · · ·",
    "PUT users/{pk}/": "A · · · · · ·",
    "PATCH users/{pk}/": "A · · · · · ·",
    "DELETE users/{pk}/": "A · · · · · ·",
    "GET users/{pk}/events/": "A S · · · · ·",
    "POST users/{pk}/approve/": "A S · · · · ·",
    "POST users/{pk}/reject/": "A S · · · · ·",
    "POST users/{pk}/dismiss/": "A S · · · · ·",
    "POST users/{pk}/reinstate/": "A · · · · · ·",
    "POST users/{pk}/demote/": "A · · · · · ·",
    "GET promotion-requests/": "A S · · · · ·",
    "POST promotion-requests/": "A A · · · · ·",
    "GET promotion-requests/{pk}/": "A S · · · · ·",
    "POST promotion-requests/{pk}/approve/": "A · · · · · ·",
    "POST promotion-requests/{pk}/reject/": "A · · · · · ·",
    "POST promotion-requests/{pk}/withdraw/": "A S · · · · ·",
    "GET locations/": "A S S · · S ·",
    "POST locations/": "A · · · · · ·",
    "GET locations/{pk}/": "A S S · · S ·",
    "PUT locations/{pk}/": "A · · · · · ·",
    "PATCH locations/{pk}/": "A · · · · · ·",
    "DELETE locations/{pk}/": "A · · · · · ·",
    "POST locations/{pk}/archive/": "A · · · · · ·",
    "POST locations/{pk}/restore/": "A · · · · · ·",
    "GET roles/": SIGNED_IN,
}

# What is no part of the API: pages, each with the reason why it may be open or who guards it.
PAGES = {
    "": "the landing page",
    "reset/<str:uid>/<str:token>/": "holds a one-time link",
    "admin/": "guarded by the admin site (accounts/tests/test_admin.py)",
    "api/schema/": "guarded by MayReadDocs (below)",
    "api/docs/": "guarded by MayReadDocs (below)",
    "media/<path:name>": "holds a signature (boutique/tests/test_media.py)",
    "healthz": "says that the process lives",
    "readyz": "says that the shop is open",
    "metrics": "counts by route, names nobody",
}
