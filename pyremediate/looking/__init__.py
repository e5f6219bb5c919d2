"""Looking at hosts, from inside and from outside: questions out, a ``Look`` for each host back. Judges nothing.

``look`` asks; ``awaited`` waits for test mail while it may still come; ``hunks`` asks for changes of files line by line;
``reach`` and ``reachability`` say why a host cannot be asked.
"""
