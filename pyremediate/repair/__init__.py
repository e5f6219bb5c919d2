"""One host's repair, from the first look to the outcome: ``repair`` is the loop, ``resume`` ends what a killed run left.

``plan`` chooses the next step by policy, ``verify`` judges it; both are pure. The step itself is ``pyremediate.transaction``.
"""
