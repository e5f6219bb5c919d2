"""The parts of the drill (benchmarks/drill.py): connections that are cut in the middle of a change that could cut us off.

changes.py     the changes, each a fault whose remedy is a bad one: pure
plan.py        which cuts are made: pure
device.py      a router or mail host of the lab, looked at and cut off by the engine, never over SSH
controller.py  ``pyremediate fix`` as a process that can be held, let go, and killed with all that it started
one_cut.py     one cut, from a healthy lab to what is left after the switch and the next run
cut.py         what one cut showed, and the verdict on it: pure
results.py     the cuts on record, one JSON line each
table.py       docs/drill.md from the cuts: pure
"""
