"""What differs from the last known good, and what is known of each kind of difference. Pure.

``compare`` (with ``entries`` and ``system``) finds the differences, ``packaged`` those from the packages' own files where there is
no known good; ``dependence`` and ``differences`` know what each can break; ``witnesses`` who was there; ``telling`` says it.
"""
