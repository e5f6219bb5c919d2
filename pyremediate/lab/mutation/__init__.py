"""Realistic random damage to a lab host, which nobody chose: what ``pyremediate lab mutate`` does.

    host_survey.py, host_apply.py   run on the host, sent there as text
    survey.py, model.py             what the host has, and one mutation: frozen values
    one file per family             the kinds of damage: each a pure function of a survey and a random generator
    choice.py                       seed → mutations, pure
    compare.py                      two surveys → what is different
    host.py, record.py              the only ones that touch a host, and the record in the lab's state

A new kind is a function in a family's ``KINDS``. The choice must stay blind to what the product can repair.
"""
