"""What many incidents have in common: by cause, how long repairs take, what comes back, what went without people.

``build`` counts the journal's entries, ``page`` tells it, ``plots`` draws it.
"""
