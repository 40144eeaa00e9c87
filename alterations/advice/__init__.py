"""Advice: which services of the shop's own catalogue a customer's words ask for.

`words` makes texts comparable, `lexicon` is what a counter hand knows of sewing, `reading` finds the work a text speaks of,
`ranking` compares it with what the shop offers, `history` remembers what people chose before. Texts and numbers in, texts
and numbers out: nothing here asks the database. `provider` and `scrubbing` are for the model that may refine the ranking.
"""
