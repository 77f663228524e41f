"""What other trackers export, as records of the contracts: pure functions from a file's text to records.

A reader changes only what is foreign: names, words, times and units. What a record must have and which synonyms are
taken is said once, by the contracts, and is checked after it. Nothing is guessed: what a reader does not understand
stays as it was written, with the reason, so that the entry refuses it and the quarantine keeps it.
"""
