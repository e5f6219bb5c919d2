"""The status page: what users can do with mail now, the disruption that goes on with its updates, and the last 90 days.

``state`` judges by the journal's entries, ``values`` is what it says, ``pages`` tells it in each language, ``writing`` puts it into
a directory for any web server, ``keeper`` does so while a run goes on.
"""
