"""Garments taken in, the work on them, tailors and advice."""
