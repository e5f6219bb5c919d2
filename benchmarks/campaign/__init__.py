"""The parts of the campaign that measures repairs (benchmarks/mutations.py).

edits.py       two harmless, legitimate edits, which must survive every repair
stock.py       messages that are on the host before it breaks, and where they are afterwards
one_run.py     one seed on one host: damage, repair, and what is left; the only part that touches a host
run.py         what one run showed, and the verdict on it: pure
results.py     the runs on record, one JSON line each
table.py       docs/mutations.md from the runs: pure
"""
