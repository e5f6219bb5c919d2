"""Looking at routers and switches: what stands between a mail host and its users. Read only; changing them is Ansible's.

observe   answers what somebody asks who has a device's variables; keeps sessions open
session   one way to send a command and read its answer; Netmiko, and recordings
drivers   one file per platform: from a session to evidence
evidence  frozen values: what one device says of itself
compare   a device against its last known good
path      which devices and interfaces a packet passes, and what filters it there
"""
