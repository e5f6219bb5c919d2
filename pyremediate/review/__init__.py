"""The post-incident review: what happened, how long it took against what was promised, what was done, what is to be learned.

From the journal alone. ``times`` and ``lessons`` judge, ``build`` puts the value together, ``page`` tells it in a language,
``picture`` draws the timeline. How a page becomes HTML, Markdown or PDF is known by ``pyremediate.pages``.
"""
