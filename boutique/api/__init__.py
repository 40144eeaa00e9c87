"""How the house speaks on the wire: the conventions every route follows."""

# What a view's `permissions` may say beside a codename.
ANYONE = "anyone"
SIGNED_IN = "signed in"
