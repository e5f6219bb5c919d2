"""The training ground: real mail hosts in containers, made from the plain files in ``lab/``.

description   what there is: hosts, networks, addresses (frozen values, nothing of the outside)
requirements  root, and the programs that the lab starts
engine        the one door to podman
floor         the route that keeps the lab's packets on this machine
keys          certificates, DKIM and SSH keys, made once
image         the base from Debian's mirror, and one image per kind of host
machine       one host: made, booted, waited for, its journal
ready         is a host doing its work? asked until a deadline
broken        which hosts a fault broke beside its own
ssh, shell    into a host: for the operator, for the lab itself, and to break it
verbs         up, reset, down, status
"""
