"""Advice: which services of the shop's own catalogue a customer's words ask for.

`words` makes texts comparable, `lexicon` is what a counter hand knows of sewing, `reading` finds the work that a text
speaks of, `offers` reads the catalogue in the same way, `ranking` compares the two. `experience` and `history` remember
what others meant and chose. `scrubbing` and `provider` are for the model that may have its say. Texts and numbers in,
texts and numbers out: nothing here asks the database.
"""
