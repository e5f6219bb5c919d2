# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the module ``observe`` looks at: one file per section of the evidence, and what they share.

An observer is a function ``observe(request, notes)`` that returns the section's data. It changes nothing and judges
nothing. What it could not read is ``None`` in the data, with the reason appended to ``notes``; when there is nothing of
its kind on the host it raises ``Unavailable``; what it cannot do without and cannot read ends it with an exception.
"""
