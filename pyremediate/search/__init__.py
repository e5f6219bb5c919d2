"""When no rule knows why: the differences from the last known good are the suspects, and trials find which it is.

``suspects`` ranks them, ``trial`` and ``empty_trial`` make remedies and causes of them, ``put_right_along`` names what a step
started beside its own; all pure. ``search`` carries the trials out.
"""
