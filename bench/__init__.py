"""`make bench`: what a request costs. docs/bench.md says how to read and extend it."""
