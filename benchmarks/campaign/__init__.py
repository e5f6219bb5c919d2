"""The parts of the campaign that measures repairs (benchmarks/mutations.py).

edits.py       two harmless, legitimate edits, which must survive every repair
host_stock.py  runs on the host: messages that are there before it breaks, and where they are afterwards
damage.py      a fresh host with its edits and messages, damaged
pairs.py       which two mutations are a pair: pure
product.py     the product's commands, and what they say
one_run.py     one seed on one host: damage, repair, and what is left
run.py         what one run showed, and the verdict on it: pure
results.py     the runs on record, one JSON line each, and the evidence of those that were not repaired
table.py       docs/mutations.md from the runs: pure
"""
