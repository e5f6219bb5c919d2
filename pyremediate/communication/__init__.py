"""Who is told what and when, while mail is down. Data flows one way:

    entries of an incident → facts → due (which messages, for whom) → render → a notice in the journal → deliver → attempts, too

``facts``, ``eta``, ``due`` and ``outbox`` are pure. What is on record is all the state there is: whoever goes on after a crash
finds what was told to whom, and what is still to be delivered.
"""
