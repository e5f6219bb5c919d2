"""The only door to Ansible. Nothing else in the product imports it, or its runner.

* ``plays``: whatever changes a host is a play, by ansible-runner;
* ``questions``: whatever only looks is a question to many hosts at once, over Ansible's own inventory and connections;
* ``foretelling``: somebody's own playbook is run in check mode, and ended by a callback of ours before a task would run for real;
* ``inventory``, ``options``: Ansible's inventory and settings, as both need them; ``results``: what comes back from both.
"""
