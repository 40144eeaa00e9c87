"""What may happen to people, their sessions, and the places they work in."""
