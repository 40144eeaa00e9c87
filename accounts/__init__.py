"""People, roles and permissions, the places they work in, and how they sign in."""
