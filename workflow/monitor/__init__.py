"""The monitor of a cycle, part by part.

`standings` reads every unit once, in the same few queries for any number of them; all other parts are cut from that:
what is shown (`shown`), the lines of the heat map (`lines`), what needs somebody today (`today`), the ranking, the
exports and the weekly letter. `history` keeps what only the ledger tells and is too long to read for a page.
"""
