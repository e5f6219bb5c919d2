"""The account of every message: what waited before, came meanwhile, and became of each. Pure.

``queue_evidence`` reads the looks, ``matching`` follows each message through its ids, ``account`` is the vocabulary, ``ledger``
sets it up, ``words`` tells it.
"""
