"""The drill: connections are cut in the middle of changes that could cut us off, and nobody comes to help. Goes on where it was.

    python -m benchmarks.drill                        every change at every step, the kinds of cut in turn
    python -m benchmarks.drill --rounds 4             every combination
    python -m benchmarks.drill --only mail.filter.all/middle/kill
    python -m benchmarks.drill --table                docs/drill.md from what is on record

One cut after the other: all go through one router. Every cut is one line of RESULTS/cuts.jsonl; cuts that are there are not made
again. The lab must be up, and is the drill's alone meanwhile: PYREMEDIATE_LAB_NAME and PYREMEDIATE_LAB_RANGE choose another one.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from benchmarks.campaign import product
from benchmarks.dead_man import changes, one_cut, plan, results, table
from benchmarks.dead_man.cut import Cut, faults
from pyremediate.errors import PyremediateError
from pyremediate.lab import verbs

ATTEMPTS = 2
WAYS = ("fix", "resume")  # how what was left is settled, in turn


def carry_out(scene: one_cut.Scene, planned: list[plan.Planned], directory: Path) -> None:
    """Make the cuts that are missing. A device that is not as it was afterwards is made anew for the next."""
    known = {change.name: change for change in changes.every(scene.lab.prefix)}
    done = {cut.key for cut in results.read(directory)}
    for number, item in enumerate(planned):
        if item.key in done:
            continue
        change = known[item.change]
        cut = _made(scene, change, item, WAYS[number % len(WAYS)])
        results.append(directory, cut)
        _say(cut)
        if faults(cut):
            results.keep(directory, cut)
            product.expect(["lab", "reset", scene.device(change).host.name])


def _made(scene: one_cut.Scene, change: changes.Change, item: plan.Planned, way: str) -> Cut:
    """The cut; on devices made anew when what an interrupted drill left is still there, or the lab did not work."""
    for _ in range(ATTEMPTS):
        try:
            return one_cut.make(scene, change, item, way)
        except (PyremediateError, OSError) as error:
            reason = str(error)
            print(f"{item.key}: once more, for {reason}", file=sys.stderr)
            for name in (scene.mail, changes.ROUTER):
                product.expect(["lab", "reset", name])
    return Cut(item.change, item.step, item.kind, broken=reason)


def _say(cut: Cut) -> None:
    words = "; ".join(faults(cut)) or f"came back {cut.waited} s after the deadline by {cut.by}, settled: {cut.settled}"
    print(f"{cut.key}: {words}", flush=True)


def main() -> None:
    """Carry out what is asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="mail01", help="the mail host")
    parser.add_argument("--rounds", type=int, default=1, help="4: every kind of cut at every step")
    parser.add_argument("--only", default="", help="cuts whose name holds one of these, separated by commas")
    parser.add_argument("--results", type=Path, default=product.ROOT / ".cache" / "drill")
    parser.add_argument("--table", action="store_true", help="make no cuts; write the page of those on record")
    parser.add_argument("--output", type=Path, default=product.ROOT / "docs" / "drill.md", help="where that page goes")
    options = parser.parse_args()
    if options.table:
        options.output.write_text(table.page(results.read(options.results)))
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to stop; the same command goes on from here"))
    lab = verbs.current()
    planned = plan.every(changes.every(lab.prefix), options.rounds)
    wanted = [item for item in planned if any(part in item.key for part in options.only.split(","))]
    options.results.mkdir(parents=True, exist_ok=True)
    try:
        carry_out(one_cut.Scene(lab, options.host, options.results), wanted, options.results)
    except PyremediateError as error:
        sys.exit(f"the lab does not work: {error}; the same command goes on from here")


if __name__ == "__main__":
    main()
