"""The training ground: real mail hosts in containers, made from the plain files in ``lab/``.

    description   what there is: hosts, networks, addresses (frozen values, nothing of the outside)
    engine        the one door to podman
    floor         the route that keeps the lab's packets on this machine
    keys          certificates, DKIM and SSH keys, made once
    image         the base from Debian's mirror, and one image per kind of host
    ready         waiting until a host does its work, with a deadline
    up            the verbs: up, reset, down, status
"""
