"""Settings and wiring, and what every app shares."""
