"""The last known good of hosts and network devices: one Git repository in the state directory, one commit for each approval.

    <state>/known_good/                    a bare repository, branch ``main``, to be read with git(1)
        hosts/<host>/meta.json             when, by whom, why
        hosts/<host>/evidence/<part>.json  the observation, without what changes by itself (``lasting``)
        hosts/<host>/files/<path>          contents; of files that hold secrets only their keyed hashes are known, or
        hosts/<host>/secrets/<path>        their contents encrypted by Ansible Vault, where a password of it was given
        devices/<device>/…                 the same of routers and switches: meta.json, evidence.json, running.txt, saved.txt

    git         runs the command, away from anybody's configuration
    repository  reads whole commits
    writing     the one writer
    hosts       what is kept of a mail host, as a value
    devices     what is kept of a network device, as a value
    keeping     what was captured becomes the known good
    secrecy     the key of the hashes of secret files

Everything is readable by its owner alone.
"""
