"""The audit: what has drifted from the known good, how bad each drift is, whose it is, and whether it can be put back.

``values`` is what is told of an audit; ``judge``, ``tell_once``, ``security``, ``owner``, ``rules``, ``foretold`` judge, purely;
``verb`` looks and brings both together; ``restore`` puts back. The formats that an audit is shown in are in
``pyremediate.cli.audit_formats``, each made of the same frozen value.
"""
