#!/usr/bin/python
# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a mail user sees of one mail host, from the host that this module runs on."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vantage
short_description: See a mail host as its users see it
version_added: 0.1.0
description:
  - Looks at one mail host from whichever host the module runs on, and says for each leg of a message's way whether it
    passed, failed, or could not be known, with the server's words and the time that it took.
  - The paths are walked at the same time. Each stops at its first failing leg; the later ones are C(unknown).
  - Certificates are verified against the authority and the name, and a password is sent over verified TLS only.
  - Test mail carries a unique token, asks not to be answered, and is removed from the mailboxes afterwards; so is what
    an earlier run could not remove, once it is older than a day. One login for each mailbox and run.
  - That the mail host is down is an answer, not a failure of this module.
attributes:
  check_mode:
    support: full
    description: Does the same, since it changes nothing on the mail host but its own test mail, which it removes.
  diff_mode:
    support: none
    description: There is nothing to compare.
  idempotent:
    support: full
    description: Leaves no test mail behind, whenever the mail arrived in time.
options:
  target:
    description: Inventory name of the mail host that is looked at.
    type: str
    required: true
  vantage:
    description: Inventory name of the host that looks.
    type: str
    required: true
  host:
    description: The name of the mail host, which its certificates must carry.
    type: str
    required: true
  address:
    description: Where to connect. Without it, what O(host) resolves to.
    type: str
  domain:
    description: A domain whose mail the host takes. Without it, no MX is asked for.
    type: str
  exchangers:
    description:
      - The hosts of which the MX of O(domain) must name one. Without it, O(host) itself.
      - A mail host that gets its mail from a gateway or a balancer has the name of that here.
    type: list
    elements: str
  resolver:
    description: Address of the DNS server to ask. Without it, those of the host that looks, and its hosts file.
    type: str
  ca_file:
    description: File on the host that looks with the authority of the certificates. Without it, the system's.
    type: path
  ca_pem:
    description: The same as text.
    type: str
  paths:
    description:
      - The paths to walk with test mail and logins.
      - V(submission) and V(outbound) share one test mail.
      - An empty list means the legs of all paths that need neither test mail nor logins. Then a name that the
        resolver does not know is no failure if O(address) is given, because a host inside need not know the names
        of the outside.
    type: list
    elements: str
    choices: [inbound, submission, outbound, retrieval]
    default: []
  awaited:
    description:
      - Test mails that an earlier look sent from this host, and that had not arrived, as RV(vantage.mails) told of them.
        They are waited for until O(wait) seconds after their acceptance, and removed; nothing is sent, and O(paths) does
        not count.
      - An empty list means that nothing is looked at.
    type: list
    elements: dict
    suboptions:
      path:
        description: Which way it went.
        type: str
        choices: [inbound, outbound]
        required: true
      token:
        description: Its own token.
        type: str
        required: true
      queue_id:
        description: The words in which the server took it.
        type: str
        default: ""
      accepted_at:
        description: When, by the clock of the host that looks, in seconds since the epoch.
        type: float
        required: true
  canary:
    description: The mailbox on the mail host that test mail is sent to, read from, and submitted by.
    type: dict
    suboptions:
      address:
        description: Its address.
        type: str
        required: true
      username:
        description: Its login.
        type: str
      password:
        description: Its password.
        type: str
  peer:
    description: A mailbox on another mail host, to which submitted test mail goes.
    type: dict
    suboptions:
      address:
        description: Its address.
        type: str
        required: true
      username:
        description: Its login.
        type: str
      password:
        description: Its password.
        type: str
      imap_host:
        description: The name that the certificate of its IMAP server carries. Without it, the domain of its address.
        type: str
      imap_address:
        description: Where to connect. Without it, what O(peer.imap_host) resolves to.
        type: str
      imap_port:
        description: Its port for IMAP over TLS.
        type: int
        default: 993
  sender:
    description: Sender of the inbound test mail. Without it, the peer's address.
    type: str
  helo:
    description: What to say in EHLO. Without it, the name of the host that looks.
    type: str
  token:
    description: What marks the test mails of this run; unique. Target, vantage and path are added to it.
    type: str
    required: true
  smtp_port:
    description: Port of the mail host for mail from other servers.
    type: int
    default: 25
  submission_port:
    description: Port of the mail host for mail from its users, with STARTTLS.
    type: int
    default: 587
  imap_port:
    description: Port of the mail host for IMAP over TLS.
    type: int
    default: 993
  require_tls:
    description: Whether O(smtp_port) must offer STARTTLS. That it offers it and it is broken is a failure always.
    type: bool
    default: false
  wait:
    description: Seconds for an accepted mail to arrive, from its acceptance on.
    type: float
    default: 8
  connect_timeout:
    description: Seconds for a connection.
    type: float
    default: 3
  command_timeout:
    description: Seconds for the answer to a command.
    type: float
    default: 6
  deadline:
    description: Seconds for everything. What has not ended by then is reported as C(unknown).
    type: float
    default: 25
author:
  - The pyremediate maintainers
"""

EXAMPLES = r"""
- name: See a mail host as a stranger's mail server sees it
  pyremediate.mail.vantage:
    target: mail01
    vantage: "{{ inventory_hostname }}"
    host: mail01.example.com
    domain: example.com
    token: "{{ lookup('ansible.builtin.password', '/dev/null', chars=['hexdigits'], length=16) | lower }}"
    paths: [inbound]
    canary: "{{ canary }}"
    sender: probe@example.net

- name: See whether its ports answer, without logins and test mail
  pyremediate.mail.vantage:
    target: mail01
    vantage: localhost
    host: mail01.example.com
    token: none
  delegate_to: localhost
"""

RETURN = r"""
vantage:
  description: What was seen.
  returned: always
  type: dict
  contains:
    schema:
      description: Version of this structure.
      type: int
      returned: always
      sample: 1
    vantage:
      description: Who looked.
      type: str
      returned: always
      sample: peer01
    target:
      description: At which mail host.
      type: str
      returned: always
      sample: mail01
    token:
      description: The token of the run.
      type: str
      returned: always
      sample: 3f7a1c9e5b2d4860
    seconds:
      description: How long it took.
      type: float
      returned: always
      sample: 0.8
    legs:
      description: The legs of the paths, in the order of a message's way.
      type: list
      elements: dict
      returned: always
      contains:
        path:
          description: One of inbound, submission, outbound, retrieval.
          type: str
          returned: always
          sample: inbound
        name:
          description: Which leg of the path.
          type: str
          returned: always
          sample: connect
        answer:
          description: One of pass, fail, unknown (for now), impossible (cannot be known from here).
          type: str
          returned: always
          sample: fail
        detail:
          description: The server's words, or the reason.
          type: str
          returned: always
          sample: "refused: 10.61.2.10 port 25 is reached, and nothing listens there (or a firewall rejects)"
        code:
          description: The SMTP reply code, where there was one.
          type: int
          returned: always
          sample: 451
        seconds:
          description: How long the leg took.
          type: float
          returned: always
          sample: 0.01
        path_mtu:
          description:
            - Of the leg connect, the largest packet in bytes that passes to the host, as the kernel of the host that looks has it.
            - Where large packets are lost, 576, and the leg that hangs says so.
            - Null for other legs, and where the kernel does not tell.
          type: int
          returned: always
          sample: 1500
    mails:
      description: The test mails of the paths inbound and outbound.
      type: list
      elements: dict
      returned: always
      contains:
        path:
          description: Which way it went.
          type: str
          returned: always
          sample: inbound
        token:
          description: Its own token; empty if it was not even offered to the server.
          type: str
          returned: always
          sample: 3f7a1c9e5b2d4860-mail01-peer01-inbound
        answer:
          description: Whether it arrived, did not, or that is not known.
          type: str
          returned: always
          sample: pass
        accepted:
          description: Whether the server took it, and so owes its delivery.
          type: bool
          returned: always
          sample: true
        queue_id:
          description: The words in which the server took it.
          type: str
          returned: always
          sample: "2.0.0 Ok: queued as 4RJz7x2kq1z1Y"
        accepted_at:
          description: When the server took it, by the clock of the host that looks, in seconds since the epoch.
          type: float
          returned: always
          sample: 1795647600.25
        seconds:
          description: From acceptance to arrival.
          type: float
          returned: always
          sample: 0.3
        detail:
          description: What became of it.
          type: str
          returned: always
          sample: arrived
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.pyremediate.mail.plugins.module_utils.vantage_probe import ARGUMENTS, answer


def main():
    """Parameters in, one look, the answer out."""
    one_authority = [("ca_file", "ca_pem")]
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True, mutually_exclusive=one_authority)
    try:
        module.exit_json(changed=False, **answer(module.params))
    except ValueError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
