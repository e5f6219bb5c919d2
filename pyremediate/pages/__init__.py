"""Documents for people: blocks of text, tables and pictures in one language, and how they become HTML, Markdown or PDF.

What a page says is decided by who builds its blocks (``review.page``, ``trends.page``); here is only how it looks.
"""
