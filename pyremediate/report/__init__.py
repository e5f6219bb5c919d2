"""What the journal says of an incident, from its entries alone.

``narrative`` is a sentence for each entry, ``report`` data and Markdown, ``picture`` who reached what, ``bundle`` everything as one
archive.
"""
