"""The campaign: random damage to fresh lab hosts, repaired by ``pyremediate fix``, and judged. Unattended; goes on where it was.

    python -m benchmarks.mutations            all of it: rules on, rules off, pairs
    python -m benchmarks.mutations --rules off --breaking 10 --first-seed 1 --results /tmp/try
    python -m benchmarks.mutations --table    docs/mutations.md from what is on record

Seeds go up from --first-seed until --breaking runs have broken mail; those that are known to break it, because they did with the
rules on (or off), come first, so that both campaigns meet the same damage. Every run is one line of RESULTS/runs.jsonl; runs that
are there are not made again; what the product said of those that were not repaired is in RESULTS/evidence. Seeds below 900000 are
for building.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from benchmarks.campaign import one_run, product, results, table
from benchmarks.campaign.run import Run, judge
from pyremediate.errors import PyremediateError
from pyremediate.lab import verbs
from pyremediate.lab.description import Host, Lab

ROOT = product.ROOT
FIRST_SEED = 900_000
BREAKING, BREAKING_PAIRS = 80, 25  # as many as the measurement wants
# A busy machine may keep a fresh host from coming up in time, and somebody else may have the host or the lab for a while.
ATTEMPTS, PAUSE_SECONDS = 5, 60.0
RULES_OFF = "builtin_faults: false\n"


@dataclass(frozen=True)
class Campaign:
    """Runs of one sort, until that many have broken mail."""

    rules: bool
    pair: bool
    breaking: int
    first_seed: int
    kinds: tuple[str, ...] = ()


def carry_out(campaign: Campaign, lab: Lab, hosts: list[Host], directory: Path) -> None:
    """Make the runs that are missing, one on each host at a time."""
    seeds, lock = _seeds(campaign, results.read(directory)), Lock()
    done = {run.key for run in results.read(directory)}
    settings = None if campaign.rules else rules_off(directory)

    def next_seed() -> int | None:
        with lock:
            broken = sum(_belongs(run, campaign) and run.breaking for run in results.read(directory))
            if broken >= campaign.breaking:
                return None
            return next(seed for seed in seeds if (seed, campaign.rules, campaign.pair) not in done)

    def work(host: Host) -> None:
        while (seed := next_seed()) is not None:
            asked = (seed, campaign.rules, campaign.pair, settings, campaign.kinds, directory, len(hosts) == 1)
            run = _made(lab, host, one_run.Plan(*asked))
            results.append(directory, run)
            _say(run)

    with ThreadPoolExecutor(len(hosts)) as pool:
        list(pool.map(work, hosts))


def _made(lab: Lab, host: Host, plan: one_run.Plan) -> Run:
    """The run; tried again when the lab did not work. Raises ``PyremediateError`` when it does not work at all."""
    for _ in range(ATTEMPTS - 1):
        try:
            return one_run.make(lab, host, plan)
        except PyremediateError as error:
            print(f"{host.name} seed {plan.seed}: once more, for {error}", file=sys.stderr)
            time.sleep(PAUSE_SECONDS)
    return one_run.make(lab, host, plan)


def _seeds(campaign: Campaign, record: Sequence[Run]) -> Iterator[int]:
    """Which damage to make, in this order: what broke mail in the campaign that differs in the rules alone; then every other."""
    other = replace(campaign, rules=not campaign.rules)
    known = [run.seed for run in record if run.breaking and _belongs(run, other)]
    yield from known
    yield from (seed for seed in itertools.count(campaign.first_seed) if seed not in known)


def _belongs(run: Run, campaign: Campaign) -> bool:
    return (run.rules, run.pair) == (campaign.rules, campaign.pair) and run.seed >= campaign.first_seed


def rules_off(directory: Path) -> Path:
    """A settings file that leaves the catalogue's own rules out."""
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / "rules_off.yml"
    file.write_text(RULES_OFF)
    return file


def _say(run: Run) -> None:
    verdict = judge(run)
    damage = "; ".join(f"{item['kind']}: {item['sentence']}" for item in run.mutations)
    words = f"{verdict.word}{verdict.reason and ': '}{verdict.reason}"
    print(
        f"{run.host} seed {run.seed} rules {'on' if run.rules else 'off'}: {damage} → {run.outcome}, {words} ({run.seconds} s)",
        flush=True,
    )


def _campaigns(options: argparse.Namespace) -> Iterator[Campaign]:
    """What the options ask for; without any, everything."""
    kinds = tuple(name for name in options.kinds.split(",") if name)
    everything = options.rules is None and not options.pairs
    for rules in (True, False):
        if options.rules in (None, "on" if rules else "off") and not (
            options.pairs and options.rules is None and not rules
        ):
            pair = bool(options.pairs)
            yield Campaign(
                rules, pair, options.breaking or (BREAKING_PAIRS if pair else BREAKING), options.first_seed, kinds
            )
    if everything:
        yield Campaign(True, True, options.breaking or BREAKING_PAIRS, options.first_seed, kinds)


def _lab(names: list[str]) -> tuple[Lab, list[Host]]:
    """The lab with these hosts; brought up when one is missing."""
    lab = verbs.current()
    known = {host.name for host in lab.mail_hosts}
    running = {state.host.name for state in verbs.status() if state.state == "running"}
    if not set(names) <= known & running:
        lab = verbs.up(max(int(name.removeprefix("mail")) for name in names), lambda text: print(text, file=sys.stderr))
    return lab, [lab.host(name) for name in names]


def main() -> None:
    """Carry out what is asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", default="mail01,mail02", help="each works on its own runs, at the same time")
    parser.add_argument("--rules", choices=["on", "off"], help="with or without the catalogue's rules")
    parser.add_argument("--pairs", action="store_true", help="two mutations at once that each break mail alone")
    parser.add_argument("--breaking", type=int, help=f"so many that break mail ({BREAKING}; pairs: {BREAKING_PAIRS})")
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--kinds", default="", help="only of these kinds")
    parser.add_argument("--results", type=Path, default=ROOT / ".cache" / "mutations")
    parser.add_argument("--table", action="store_true", help="make no runs; write the page of those on record")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "mutations.md", help="where that page goes")
    options = parser.parse_args()
    if options.table:
        options.output.write_text(table.page(results.read(options.results)))
        return
    try:
        lab, hosts = _lab(options.hosts.split(","))
        for campaign in _campaigns(options):
            carry_out(campaign, lab, hosts, options.results)
    except PyremediateError as error:
        sys.exit(f"the lab does not work: {error}; the same command goes on from here")


if __name__ == "__main__":
    main()
