"""From a look to causes, by the faults that are known. Pure.

``catalogue`` reads ``faults/`` (``catalogue_schema`` is its grammar, ``conditions`` its language); ``facts`` are the names that
rules use; ``assess`` says how bad it is, ``matrix`` who reaches what from where, ``diagnose`` why.
"""
