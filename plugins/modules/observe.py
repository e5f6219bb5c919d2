#!/usr/bin/python
# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""One observation of a mail host, from inside: thin, the observers are in module_utils/observers."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: observe
short_description: Observe a mail host from inside, in one task
version_added: 0.1.0
author: The pyremediate maintainers
description:
  - Looks at everything that decides whether a mail host works, and returns it as evidence.
    It judges nothing and changes nothing.
  - The observers run at the same time, each with its own deadline and its own failure.
    A section that could not be observed says why; the others are not affected.
  - Passwords and keys are never returned. Of a secret file only a keyed digest is.
options:
  name:
    description: The host's name in the inventory, returned as O(ignore:evidence.host).
    type: str
    required: true
  sections:
    description: The sections to observe.
    type: list
    elements: str
    choices: [services, hardware, resources, network, dns, postfix, dovecot, milters, tls, packages, log, files, ssh, sessions]
    default: [services, hardware, resources, network, dns, postfix, dovecot, milters, tls, packages, log, files, ssh]
  deadline:
    description: Seconds that the whole observation may take. Each observer has less. What is not done by then has
      failed.
    type: float
    default: 20.0
  hash_key:
    description:
      - Key of the digests of secret files (HMAC-SHA256), so that nobody can try passwords against the evidence.
      - Without it secret files have no digest.
    type: str
  mail_domain:
    description: A domain whose mail the host takes; its MX is looked up through the host's own resolver.
    type: str
  lookups:
    description: Further names to look up through the host's own resolver.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The name, or for V(PTR) the address.
        type: str
        required: true
      type:
        description: The type of the records.
        type: str
        choices: [A, AAAA, MX, PTR, TXT]
        default: A
  extra_paths:
    description: Files and directories to track besides those that every mail host has.
    type: list
    elements: path
    default: []
  queue_limit:
    description: How many messages of the queue to tell with sender, recipients and reason. All are counted and listed.
    type: int
    default: 1000
  log_minutes:
    description: How far back to read the mail log.
    type: int
    default: 180
  log_since:
    description:
      - A point in time, as in V(2026-11-25T01:02:03Z), by the host's own clock.
      - What became of every message since then is returned, however much was logged. Without it nothing is said of that.
    type: str
attributes:
  check_mode:
    support: full
    description: Observes in check mode too, since it changes nothing.
  diff_mode:
    support: none
    description: There is nothing to compare.
notes:
  - Needs Python 3.8 or newer on the host and its standard library only.
  - As root it sees everything. Otherwise the sections say what could not be read.
  - It can run on a host whose file systems are full or read-only when the connection uses pipelining and the
    environment
    has E(TMPDIR) in memory, as the playbook M(pyremediate.mail.observe) has it, since Ansible unpacks every module
    there.
"""

EXAMPLES = r"""
- name: Observe the mail host
  pyremediate.mail.observe:
    name: "{{ inventory_hostname }}"
    mail_domain: example.com
    lookups:
      - name: gmail.com
        type: MX
  environment:
    TMPDIR: /dev/shm
  register: observation

- name: Look at the queue alone
  pyremediate.mail.observe:
    name: "{{ inventory_hostname }}"
    sections: [postfix]
    queue_limit: 20
"""

RETURN = r"""
evidence:
  description:
    - What was observed. Times are ISO 8601 in UTC or V(null), modes are octal text, sizes are bytes.
    - What could not be read is V(null), and the section's RV(evidence.sections.error) says why.
  returned: always
  type: dict
  contains:
    schema:
      description: Version of this structure.
      type: int
      sample: 1
    host:
      description: The name of the host as given.
      type: str
      sample: mail01
    observed_at:
      description: When, by the host's own clock.
      type: str
      sample: "2026-11-25T01:02:03Z"
    seconds:
      description: How long it took.
      type: float
      sample: 0.4
    sections:
      description:
        - The sections by name. Each has RV(ignore:state) V(ok), V(failed) (the observer could not do its work) or
          V(unavailable) (there is no such thing on this host); RV(ignore:error), the reason, or with V(ok) what could
          not
          be read; RV(ignore:seconds); and RV(ignore:data), described here.
      type: dict
      contains:
        services:
          description: The units as systemd sees them, and what really runs and listens.
          type: dict
          contains:
            units:
              description:
                - The units of mail that are known on the host, by name, each with V(load), V(active), V(sub),
                  V(enabled),
                  V(result), V(exit_status), V(restarts), V(since), V(main_pid), V(fragment), V(drop_ins) and
                  V(needs_daemon_reload). Empty without systemd.
              type: dict
              sample:
                postfix@-.service:
                  {load: loaded, active: active, sub: running, enabled: enabled-runtime, result: success, exit_status:
                   0,
                   restarts: 0, since: "2026-11-25T01:03:15Z", main_pid: 0, fragment:
                     /lib/systemd/system/postfix@.service,
                   drop_ins: [], needs_daemon_reload: false}
            failed:
              description: Every failed unit of the host.
              type: list
              elements: str
            enabled:
              description: Every unit that is started with the host or by another one (C(systemctl enable)).
              type: list
              elements: str
            listeners:
              description: >-
                Who accepts what; V(process) and V(pid) are null where they cannot be seen. Of UDP only the privileged
                ports.
              type: list
              elements: dict
              sample: [{protocol: tcp, address: 0.0.0.0, port: 25, process: master, pid: 1717}]
            processes:
              description: How many processes of each name run.
              type: dict
              sample: {master: 1, dovecot: 1, rspamd: 3}
            start_limit_hit:
              description: The units that systemd does not start any more since they were started too often.
              type: list
              elements: str
        hardware:
          description: >-
            The machine below, as the host itself can see it. In a container all of it but the links is null: it is its machine's.
          type: dict
          contains:
            container:
              description: What manages the container that this is; null when it is none.
              type: str
              sample: podman
            machine:
              description: Whom to call. Only root can read the serial number; V(virtual) is null where the processor does not tell.
              type: dict
              sample: {vendor: Dell Inc., product: PowerEdge R640, serial: 7XK3F2S, virtual: false}
            disks:
              description: >-
                The disks that the kernel sees; V(paravirtual) are a hypervisor's. V(slot) is where udev says it is plugged in,
                the milliseconds are means of all requests since the start.
              type: list
              elements: dict
              sample:
                - {device: /dev/sda, model: HDS721050DLE630, serial: MSK423Y2, slot: "pci-0000:00:1f.2-ata-1",
                   paravirtual: false, state: running, read_milliseconds: 4.1, write_milliseconds: 7.3, in_flight: 0}
            drives:
              description: >-
                What each drive tells of its own health, those behind a RAID controller too (V(type)); null when that cannot be
                known. V(passed) is the drive's own verdict. V(below_threshold) has the attributes that are below the maker's
                limit now. V(reallocated), V(pending), V(uncorrectable) are sectors; V(warnings), V(percentage_used) and
                V(media_errors) are NVMe's. V(error) says why a drive tells nothing.
              type: list
              elements: dict
              sample:
                - {device: /dev/sda, type: sat, model: Hitachi HDS721050DLE630, serial: MSK423Y2, passed: false,
                   below_threshold: [Reallocated_Sector_Ct], reallocated: 1975, pending: 8, uncorrectable: 0, warnings: [],
                   percentage_used: null, media_errors: null, celsius: 25, power_on_hours: 65592, error: ""}
            arrays:
              description: >-
                Software RAID. V(working) of V(wanted) disks work, V(map) has C(_) for each that does not. V(operation) is what is
                going on, to V(percent). V(slots), of a degraded array only, is empty without C(mdadm).
              type: list
              elements: dict
              sample:
                - {name: md0, level: raid1, state: active, members:
                   [{device: /dev/sda1, disk: /dev/sda, faulty: false, spare: false}], wanted: 2,
                   working: 1, map: U_, operation: recovery, percent: 12.6,
                   slots: [{slot: "1", state: removed, device: null}]}
            filesystems:
              description: >-
                File systems on block devices. V(read_only_wanted) is what fstab says, null when it does not speak of it.
                V(errors) is what ext4 counted until it was last checked, null for other types.
              type: list
              elements: dict
              sample:
                - {device: /dev/sda1, mount: /, type: ext4, read_only: true, read_only_wanted: false, errors: 3,
                   last_error: "2026-11-25T01:02:03Z", last_error_in: ext4_find_entry}
            memory:
              description: The errors that memory controllers counted since the start, by module; null where none counts.
              type: list
              elements: dict
              sample:
                - {name: mc0, corrected: 12, uncorrected: 0, modules: [{label: CPU_SrcID#0_MC#0_Chan#0_DIMM#0,
                   location: "channel 0 slot 0", megabytes: 16384, corrected: 12, uncorrected: 0}]}
            thermal:
              description: >-
                Temperatures with the limits that their makers gave and the V(margin) that is left to V(high), and how often
                processors were slowed down since the start; null where nothing tells.
              type: dict
              sample: {sensors: [{chip: coretemp, label: Package id 0, celsius: 41.0, high: 84.0, critical: 100.0, margin: 43.0,
                alarm: false}],
                throttled: 0}
            pressure:
              description: Per cent of the last 10, 60 and 300 seconds in which some task, or all of them, waited for it.
              type: dict
              sample: {io: {some: [1.3, 2.3, 1.2], full: [0.5, 0.9, 0.3]}}
            clock:
              description: >-
                Whether the kernel's clock follows a better one, and who sees to it. V(offset_seconds), positive when the clock is
                slow, and V(source) are chrony's.
              type: dict
              sample: {synchronised: true, maximum_error_seconds: 0.02, daemons: [chronyd], offset_seconds: 0.0001,
                source: 192.0.2.123}
            links:
              description: >-
                The host's own interfaces with what they counted since they came up. V(carrier) is null while one is down by
                intention, V(megabits) and V(duplex) where there are none.
              type: list
              elements: dict
              sample:
                - {name: eth0, physical: true, carrier: true, megabits: 1000, duplex: full, carrier_changes: 2, receive_errors: 0,
                   receive_crc_errors: 0, receive_dropped: 0, transmit_errors: 0, transmit_dropped: 0, collisions: 0}
            kernel:
              description: >-
                What the kernel said of failing hardware since the start, equal messages together, the newest first, at most 100;
                null when it could not be read. V(kind) is V(disk), V(filesystem), V(raid), V(memory), V(machine_check),
                V(thermal), V(link) or V(out_of_memory).
              type: list
              elements: dict
              sample:
                - {kind: disk, example: "I/O error, dev sda, sector 2048 op 0x0:(READ)", count: 3, first: "2026-11-25T01:04:13Z",
                   last: "2026-11-25T01:09:01Z"}
        resources:
          description: Room on the file systems, memory, load, and what could be removed where room is short.
          type: dict
          contains:
            filesystems:
              description: Room on each local file system, for everybody but root.
              type: list
              elements: dict
              sample:
                - {mount: /, device: /dev/vda1, type: ext4, size: 21474836480, available: 9663676416,
                   available_percent: 45.0, inodes_available_percent: 81.2, read_only: false}
            paths:
              description: The mount point of the file system that holds each of the paths that matter.
              type: dict
              sample: {/var/log: /, /var/spool/postfix: /var/spool/postfix}
            spool:
              description: Room on the file system of the mail queue; null when that could not be measured.
              type: dict
              sample: {mount: /, available: 9663676416, available_percent: 45.0, inodes_available_percent: 81.2,
                read_only: false}
            reclaimable:
              description: What is kept for convenience only, by kind V(package_cache), V(rotated_logs) or V(journal).
              type: list
              elements: dict
              sample:
                - {kind: rotated_logs, path: /var/log, bytes: 4096, device_shared_with_spool: true, files:
                   [/var/log/mail.log.1]}
            memory:
              description: Bytes of memory.
              type: dict
              sample: {total: 2147483648, available: 1610612736}
            load:
              description: Load averages of 1, 5 and 15 minutes.
              type: list
              elements: float
            cpus:
              description: Number of processors.
              type: int
            uptime_seconds:
              description: Since the host started.
              type: int
            out_of_memory_kills:
              description: Processes that the kernel ended for want of memory since then; null when it does not count.
              type: int
        network:
          description: Interfaces, routes and the packet filter.
          type: dict
          contains:
            interfaces:
              description: The interfaces; null when they could not be listed.
              type: list
              elements: dict
              sample: [{name: eth0, state: up, mtu: 1500, addresses: [192.0.2.10/24]}]
            routes:
              description: >-
                The routes of both families; V(type) tells unreachable from unicast. V(name) is empty where a route is
                announced or has several ways. V(metric), V(protocol), V(scope) and V(source) where there are any.
              type: list
              elements: dict
              sample:
                - {name: default, destination: default, gateway: 192.0.2.1, interface: eth0, type: unicast}
                - {name: 192.0.2.0/24, destination: 192.0.2.0/24, gateway: null, interface: eth0, type: unicast,
                   protocol: kernel, scope: link, source: 192.0.2.10}
            settings:
              description: Kernel settings on which mail depends, empty where this kernel does not have one.
              type: dict
              sample: {net.core.somaxconn: "4096"}
            firewall:
              description: >-
                nftables. V(ruleset) has one string for each table, chain, rule and set element, without counters and
                handles;
                V(text) can be loaded again.
              type: dict
              sample: {available: true, ruleset: ["inet filter input: tcp dport 25 accept"], text: "", error: ""}
        dns:
          description: What the host's own resolver answers.
          type: dict
          contains:
            resolv_conf:
              description: The resolver's configuration, at the path that it really has.
              type: dict
              sample: {path: /etc/resolv.conf, nameservers: [192.0.2.53], search: [], sha256: b28bb2}
            chroot_resolv_conf:
              description: The copy that Postfix's daemons in the chroot use.
              type: dict
              sample: {exists: true, nameservers: [192.0.2.53], differs: false}
            lookups:
              description: >-
                Each name with V(answer) V(pass) (there are records), V(fail) (there is no such name or record) or
                V(unknown)
                (nobody could tell).
              type: list
              elements: dict
              sample:
                - {name: example.com, type: MX, server: 192.0.2.53, answer: pass, result: [10 mail.example.com.],
                   error: "",
                   seconds: 0.01}
            records:
              description: >-
                Those by which others judge the domain and this host; V(type) is V(MX), V(SPF), V(DMARC), V(DKIM) (of the selectors
                that the signers here use) or V(PTR). Empty without O(mail_domain), or where nobody answers.
              type: list
              elements: dict
              sample: [{name: example.com, type: SPF, answer: pass, records: [v=spf1 mx -all]}]
        postfix:
          description: Postfix. The section has failed when main.cf or master.cf may not be read.
          type: dict
          contains:
            installed:
              description: Whether there is a Postfix.
              type: bool
            version:
              description: Its version.
              type: str
              sample: 3.7.11
            queue_directory:
              description: Where the queue is.
              type: str
              sample: /var/spool/postfix
            config_directory:
              description: Where main.cf and master.cf are.
              type: str
              sample: /etc/postfix
            mail_owner:
              description: The user that owns the queue.
              type: str
              sample: postfix
            check:
              description: >-
                What postconf and postcat say of the configuration. C(postfix check) itself is not run, since it creates
                directories, renames queue files and writes to the log; what it says of permissions is in
                RV(evidence.sections.postfix.permissions).
              type: dict
              sample: {returncode: 1, messages: ["fatal: bad numerical configuration: message_size_limit = 20M"]}
            main:
              description: >-
                main.cf as it is written, whether or not Postfix accepts it: V(parameters), V(invalid) lines and
                V(duplicates).
              type: dict
              sample:
                parameters: {myhostname: mail01.example.com}
                invalid: [{line: 44, text: smtpd_banner hello}]
                duplicates: [{name: relayhost, line: 59}]
            withheld:
              description: >-
                Keyed digests of what holds a password, and so is not told whole: V(main) by parameter, V(services) by
                service. Empty without O(hash_key).
              type: dict
              sample: {main: {smtp_sasl_password_maps: "hmac:0f3c2a9d81b7e645"}, services: {}}
            defaults:
              description: What Postfix has compiled in for the parameters that main.cf sets.
              type: dict
            effective:
              description: The parameters that differ from their defaults, as Postfix has them; empty when it refuses
                main.cf.
              type: dict
            services:
              description: master.cf as it is written; V(columns) without the C(-o) options.
              type: dict
              sample:
                submission/inet: {columns: submission inet n - y - - smtpd, options: {smtpd_sasl_auth_enable: "yes"},
                  line: 3}
            invalid_services:
              description: Lines of master.cf that Postfix does not accept, and why.
              type: list
              elements: dict
              sample: [{line: 34, text: submissions inet n - y -, reason: bad field count}]
            running:
              description: Whether Postfix's own master process runs. The unit postfix.service does not tell.
              type: bool
            maps:
              description: >-
                The lookup tables with a file. V(database), V(database_exists) are null for types without one; V(stale)
                is an older
                database than its source; V(readable) whether it opens and is what its type says, null when only root
                can tell.
              type: list
              elements: dict
              sample:
                - {parameter: virtual_mailbox_maps, type: hash, path: /etc/postfix/vmailbox, source_exists: true,
                   database: /etc/postfix/vmailbox.db, database_exists: true, stale: false, readable: true, error: ""}
            permissions:
              description: >-
                Directories and files of Postfix with a wrong owner or group, without a permission that they need, or
                writable
                for others; missing ones have no owner.
              type: list
              elements: dict
              sample:
                - {path: /var/spool/postfix/active, owner: root, group: root, mode: "0700", expected_owner: postfix,
                   expected_group: null, expected_mode: "0700"}
            queue:
              description: >-
                V(counts) of files by queue (null where they cannot be listed), age of the oldest message, what the mail waits
                for, and the first messages. V(listing) has all that Postfix has accepted, by queue, one line
                for each message: id, arrival, size in bytes. Its times are seconds since the epoch, and V(-)
                where the file does not tell; it was made between V(at) and V(until).
              type: dict
              sample:
                counts: {incoming: 0, active: 0, deferred: 1, hold: 0, corrupt: 0, maildrop: 0}
                oldest_seconds: 120
                reasons: [{reason: "connect to host[ip]: Connection timed out", transport: smtp, count: 1}]
                messages:
                  - {id: 4B2982B7, queue: deferred, arrival: "2026-11-25T01:03:15Z", size: 420, sender:
                     alice@example.com,
                     recipients: [bob@example.net], reason: "connect to mx.example.net[192.0.2.9]:25: Connection timed
                       out"}
                listing:
                  {at: 1795570633.1, until: 1795570633.2, complete: true, error: "", rows: {deferred: 4B2982B7 1795568595 420}}
        dovecot:
          description: Dovecot.
          type: dict
          contains:
            installed:
              description: Whether there is a Dovecot.
              type: bool
            version:
              description: Its version.
              type: str
              sample: 2.3.19.1
            check:
              description: What C(doveconf) says of the configuration.
              type: dict
              sample: {returncode: 0, messages: []}
            settings:
              description: The settings as the files have them, included files too, flat, the last one counts;
                passwords withheld.
              type: dict
              sample: {protocols: imap lmtp, service lmtp/unix_listener /var/spool/postfix/private/dovecot-lmtp/mode:
                "0600"}
            effective:
              description: The settings that differ from their defaults, as Dovecot has them; empty when it refuses
                them.
              type: dict
            invalid:
              description: Lines that are no settings, and blocks that are not closed.
              type: list
              elements: dict
              sample: [{file: /etc/dovecot/local.conf, line: 41, text: "protocol imap {", reason: "Missing '}'"}]
            sockets:
              description: The sockets that Postfix's parameters refer to; V(listening) is whether anybody is behind
                them.
              type: list
              elements: dict
              sample:
                - {path: /var/spool/postfix/private/auth, exists: true, listening: true, owner: postfix, group: postfix,
                   mode: "0660", error: ""}
            mail_location_writable:
              description: Whether the user that stores mail may write there; null when the configuration does not tell.
              type: bool
        milters:
          description: The mail filters that Postfix asks.
          type: dict
          contains:
            endpoints:
              description: Each endpoint; V(reachable) it accepts connections, V(answers) it speaks the milter protocol.
              type: list
              elements: dict
              sample: [{parameter: smtpd_milters, endpoint: "inet:127.0.0.1:11332", reachable: true, answers: true,
                error: ""}]
            default_action:
              description: What Postfix does without them.
              type: str
              sample: tempfail
            rspamd:
              description: >-
                Whether it is installed, and what its check says. An rspamd that was started after the last change of
                its
                files is not checked again: it runs on them.
              type: dict
              sample: {installed: true, check: {returncode: 0, messages: []}}
            opendkim:
              description: Whether it is installed, and what its check says.
              type: dict
              sample: {installed: false, check: null}
        tls:
          description: The certificates that Postfix and Dovecot are told to use.
          type: dict
          contains:
            certificates:
              description: Each file with its key. V(key_matches) is null when that could not be told.
              type: list
              elements: dict
              sample:
                - {path: /etc/ssl/mail/fullchain.pem, used_by: [postfix, dovecot], exists: true, readable: true,
                   subject: commonName=mail01.example.com, issuer: commonName=Example CA, names: [mail01.example.com],
                   not_before: "2026-11-25T00:00:00Z", not_after: "2027-02-23T00:00:00Z", days_left: 89.9, expired:
                     false,
                   chain_length: 2, fingerprint: "sha256:a7d989", key_type: EC P-256,
                   key_path: /etc/ssl/mail/key.pem, key_matches: true,
                     error: ""}
        packages:
          description: Packages, on hosts with dpkg.
          type: dict
          contains:
            installed:
              description: Versions of the packages that matter to mail.
              type: dict
              sample: {postfix: 3.7.11-0+deb12u1}
            others:
              description: Versions of all other packages.
              type: dict
            holds:
              description: The packages on hold.
              type: list
              elements: str
            available:
              description: Versions that can be installed, the newest first.
              type: dict
              sample: {postfix: [3.7.11-0+deb12u1]}
            history:
              description: The last 50 changes, the newest first.
              type: list
              elements: dict
              sample: [{time: "2026-11-25T01:03:16Z", action: upgrade, package: postfix, from: 3.7.10-0, to: 3.7.11-0}]
            modified:
              description: Files of mail packages that are missing or changed, configuration files left out.
              type: dict
              sample: {postfix: [/usr/lib/postfix/sbin/smtpd]}
            files:
              description: >-
                Of the packages of Postfix, Dovecot, rspamd and OpenDKIM, the files that are unusual, by path: V(state)
                missing or changed (by dpkg's sums), or owner, group and mode other than root's V(usual_mode). Also
                V(immutable) and V(acl), where the file was touched since it was unpacked.
              type: dict
              sample:
                /usr/sbin/postdrop: {package: postfix, owner: root, group: postdrop, mode: "2555", usual_mode: "0755"}
                /usr/lib/dovecot/lmtp: {package: dovecot-lmtpd, state: missing}
            manager_locked:
              description: Whether the package manager works right now; null when only root can tell.
              type: bool
            updates:
              description: Packages with a newer candidate.
              type: dict
              sample: {postfix: 3.7.11-0+deb12u2}
        log:
          description: What the mail system complained of lately.
          type: dict
          contains:
            source:
              description: V(journal), the log file, or V(none).
              type: str
            since:
              description: How far back it was read.
              type: str
            problems:
              description: >-
                Equal problems together, the newest first, at most 200. In V(message) what varies is replaced;
                V(example) has the
                newest one's own words.
              type: list
              elements: dict
              sample:
                - {program: postfix/smtpd, message: "warning: connect to Milter service inet:127.0.0.1:N: Connection
                   refused",
                   example: "warning: connect to Milter service inet:127.0.0.1:11332: Connection refused", count: 3,
                   first: "2026-11-25T01:04:13Z", last: "2026-11-25T01:09:01Z"}
            first_problem:
              description: When the first of them was; null when there are none.
              type: str
            around_first:
              description: The lines before and after the first of them, in their own words.
              type: list
              elements: str
              sample: ["2026-11-25T01:04:13Z postfix/smtpd: warning: connect to Milter service inet:127.0.0.1:11332: refused"]
            fates:
              description: >-
                Null without O(log_since). What became of messages, by lives of queue ids (ids are used again). The log was
                read after the queue was listed. V(since) is from when on it is complete (null when nothing was read), in
                seconds since the epoch; V(error) says why lines may be missing. Lives that ended alike are a group. V(end) is
                V(removed) by the queue manager, V(deleted) by postsuper, V(requeued), V(discarded) by a rule,
                or empty while it goes on; V(recipients) counts their last fates, of which V(reasons) has the
                rules. V(lives) has one line for each: the id; when it was given, when the queue manager
                accepted the message, when the message arrived by the delay of its delivery, when it was last
                spoken of (seconds since the epoch); the id before C(postsuper -r). What the log does not tell
                is C(-).
              type: dict
              sample:
                since: 1795570633.0
                error: ""
                groups:
                  - {end: removed, recipients: {sent: 1}, reasons: [], lives: "93C411AE2A7 1795570640.12 1795570640.15
                       1795570640.12 1795570640.40 -"}
        files:
          description: The files that make a mail host what it is.
          type: dict
          contains:
            tracked:
              description: >-
                By path, V(kind) file, directory, link, other or missing. A secret file (not readable for everybody, or
                with a
                private key) has a keyed digest. V(immutable) and V(acl) (encoded with base64) only where there is one.
                Databases made from a source are not tracked. V(meaning) is a digest of what a text says, without comments,
                white space and the order that means nothing: where its syntax is known and
                RV(evidence.sections.data.entries) does not have it.
              type: dict
              sample:
                /etc/postfix/main.cf: {kind: file, owner: root, group: root, mode: "0644", size: 1568,
                                       modified: "2026-11-25T01:03:15Z", digest: "sha256:16c982", target: null, secret:
                                         false}
            entries:
              description: >-
                What the files say that are not too long, by path: V(format), and V(of), values by key, or pairs where their order
                counts. Instead of a secret there is a keyed digest.
              type: dict
              sample:
                /etc/aliases: {format: aliases, of: {postmaster: root, root: alice@example.com}}
                /etc/sudoers: {format: sudo, of: [["root", "ALL=(ALL:ALL) ALL"]]}
            roots:
              description: >-
                Where it was looked: V(told), paths that are in RV(evidence.sections.data.tracked) even when they are
                missing, and V(found), patterns. What is below them was looked at too.
              type: dict
              sample: {told: [/etc/hosts], found: [/etc/postfix, /etc/dovecot]}
            places:
              description: >-
                The directories in which mail services work, with their first level: attributes alone, as in
                RV(evidence.sections.data.tracked); of a link also C(dangling), where its target is not there.
              type: dict
              sample:
                /var/spool/postfix/maildrop: {kind: directory, owner: postfix, group: postdrop, mode: "1730"}
        ssh:
          description: How one can log in.
          type: dict
          contains:
            effective:
              description: What sshd has for its configuration (C(sshd -T)); null where it does not tell, as to anybody but root.
              type: dict
              sample: {passwordauthentication: "no", listenaddress: ["0.0.0.0:22", "[::]:22"]}
        sessions:
          description: >-
            Who was there, only where it is asked for: since O(log_since), or in the last 30 days. What this host does not keep
            is null.
          type: dict
          contains:
            since:
              description: From when on it is known who was logged in.
              type: str
            sudo_since:
              description: From when on it is known who ran sudo.
              type: str
            sessions:
              description: Logins at terminals and by SSH; V(ended) is null where one goes on, or nobody saw its end.
              type: list
              elements: dict
              sample: [{user: root, from: 192.0.2.7, began: "2026-11-25T01:02:03Z", ended: null}]
            sudo:
              description: What was run by sudo; arguments that are no paths are left out, since they may be passwords.
              type: list
              elements: dict
              sample: [{user: alice, as: root, command: /usr/bin/vi /etc/aliases, at: "2026-11-25T01:02:03Z"}]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.pyremediate.mail.plugins.module_utils.observe_probe import ARGUMENTS, answer


def main():
    """Parameters in, one observation, the evidence out."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    module.exit_json(changed=False, **answer(module.params))


if __name__ == "__main__":
    main()
