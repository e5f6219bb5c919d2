"""Sign-off: people who saw the verification say that mail is back, or refuse to, each bound to what was verified.

What is signed is the entry of the journal that ends the incident. Its hash covers the verification and the ledger, and by the chain
everything before it: a signature of another end (an undo, a second look) counts for nothing.
"""
