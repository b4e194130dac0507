"""A differential test: changed solutions, read by dvpack, by .NET and by Python.

usage: python3 tests/tools/differential [--dvpack PATH] [--count N] [--seed N] [--jobs N] [--only OPERATOR,...]
                                        [--keep DIR] [--shrink] [--quick] [--quiet]

From a seed, N solutions are made out of a few bases by one to three operators (operators.py lists their files). Each is
read by `dvpack inspect`, compared with its base by `dvpack diff`, and put into a bundle whose digests are right and whose
bundle.json says what someone with bad intent would let it say. A case fails where

  bundle   `verify` accepts it, while two readers see other roles, privileges, components, names, versions or parts
  strict   `verify` accepts what the strict profile forbids in roles and in what names the solution (strict.py)
  view     `inspect` shows other roles, privileges, names or versions than .NET sees, and lists nothing new as not
           understood
  hidden   .NET sees an item of a section that `inspect` neither shows nor lists
  diff     `diff` says `no difference`, and .NET sees one
  crash    a verb ends in a way that it should not

.NET is asked through $DVPACK_SHARED/oracles/dotnet-read.ps1 (default: ../shared); without it, expat takes its place where it can.
"""

import argparse
import json
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict

import bases
import judge
import mutate
import operators
import readers

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
STATE = {}


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="differential", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dvpack", default=f"{REPOSITORY}/target/debug/dvpack", help="the program under test")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first case's number")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only", help="these operators only, all of them on each case")
    parser.add_argument("--keep", help="write failing cases to this folder")
    parser.add_argument("--shrink", action="store_true", help="try each operator of a failing case alone")
    parser.add_argument(
        "--quick", action="store_true", help="ask .NET only where verify accepts or expat and dvpack disagree"
    )
    parser.add_argument("--quiet", action="store_true", help="only the first failure of each operator")
    parser.add_argument("--json", help="write all failures to this file")
    return parser.parse_args()


def start(options, found, shared):
    """What a worker has of its own: a folder, a process of .NET."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    folder = tempfile.mkdtemp(dir=STATE["top"])
    dotnet = readers.DotNet(shared) if shared else None
    STATE.update(
        options=options,
        bases=found,
        folder=folder,
        judge=judge.Judge(readers.Dvpack(options.dvpack, folder), dotnet, folder, options.quick),
    )


def run(index):
    """One case; what is reported of it."""
    options = STATE["options"]
    only = options.only.split(",") if options.only else None
    case, verdict = once(index, only)
    if verdict.problems and options.shrink and len(case.operators) > 1:
        for name in case.operators:
            smaller, again = once(index, [name])
            if {kind for kind, _ in again.problems} & {kind for kind, _ in verdict.problems}:
                case, verdict = smaller, again
                break
        else:
            case, verdict = once(index, only)
    if verdict.problems and options.keep:
        keep(index, case, verdict)
    return {
        "index": index,
        "base": case.base.name,
        "operators": case.operators,
        "variants": case.variants,
        "accepted": verdict.accepted,
        "inspected": verdict.inspected,
        "differ": verdict.differ,
        "codes": verdict.codes,
        "masked": verdict.masked,
        "listed": verdict.listed,
        "problems": verdict.problems,
    }


def once(index, only):
    """Makes a case and judges it."""
    case = mutate.make(STATE["options"].seed, index, STATE["bases"], only)
    return case, STATE["judge"].judge(case)


def accepted(base, dvpack, dotnet, folder):
    """Whether `verify` accepts a bundle around the base when nothing but the zip was written again."""
    verdict = judge.Judge(dvpack, dotnet, folder, False).judge(mutate.changed(base, ["unchanged"], "0"))
    if verdict.problems or not verdict.accepted:
        print(f"base {base.name}: {', '.join(verdict.codes)} {verdict.problems}")
    return verdict.accepted


def keep(index, case, verdict):
    """Leaves a failing case where it can be looked at."""
    folder = os.path.join(STATE["options"].keep, f"{STATE['options'].seed}-{index}")
    os.makedirs(folder, exist_ok=True)
    for name in ("case.zip", "case.dvpack"):
        path = os.path.join(STATE["folder"], name)
        if os.path.exists(path):
            shutil.copy(path, folder)
    shutil.copy(case.base.path, os.path.join(folder, "base.zip"))
    with open(os.path.join(folder, "why.txt"), "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(
            f"base {case.base.name}\noperators {case.operators}\nvariants {case.variants}\n"
            + "".join(f"{kind}: {why}\n" for kind, why in verdict.problems)
        )


def table(results):
    """Operators, and how the cases ended in which each was at work."""
    rows, codes = defaultdict(Counter), Counter()
    for it in results:
        for name in it["operators"]:
            row = rows[name]
            row["cases"] += 1
            row["accepted" if it["accepted"] else "refused" if it["codes"] else "bare"] += 1
            row["differ"] += it["differ"]
            row["listed"] += it["listed"]
            for kind in {kind for kind, _ in it["problems"]}:
                row[kind] += 1
        if not it["accepted"] and it["codes"]:
            codes.update(it["codes"])
    columns = (
        "cases",
        "accepted",
        "refused",
        "bare",
        "differ",
        "listed",
        "bundle",
        "strict",
        "view",
        "hidden",
        "diff",
        "crash",
    )
    print(f"\n{'operator':26}" + "".join(f"{name:>10}" for name in columns))
    for name in sorted(rows):
        print(f"{name:26}" + "".join(f"{rows[name][column] or '.':>10}" for column in columns))
    print(
        "\naccepted, refused: as a bundle, by `verify`; bare: without a bundle; differ: .NET and `inspect` see"
        " different things; listed: of these, `inspect` lists something new as not understood; the rest: failures by kind"
    )
    masked = sum(it["masked"] and not it["accepted"] for it in results)
    print(f"refused only for the files around the solution, which could not be made to fit: {masked}")
    print("refused with: " + ", ".join(f"{code} {count}" for code, count in codes.most_common()))


def main():
    """Runs all cases."""
    options = arguments()
    options.dvpack = os.path.abspath(options.dvpack)
    if options.only and set(options.only.split(",")) - set(mutate.OPERATORS):
        sys.exit(f"unknown operator; these exist: {', '.join(sorted(mutate.OPERATORS))}")
    shared = os.path.abspath(os.environ.get("DVPACK_SHARED", f"{REPOSITORY}/../shared"))
    if not os.path.exists(f"{shared}/oracles/dotnet-read.ps1") or not os.access(f"{shared}/pwsh/pwsh", os.X_OK):
        print("skipped: no .NET here, so dvpack is compared with expat only")
        shared = None
    corpus = os.path.abspath(os.environ.get("DVPACK_CORPUS", f"{REPOSITORY}/../shared/corpus"))
    STATE["top"] = top = tempfile.mkdtemp(prefix="dvpack-differential-")
    began, results = time.monotonic(), []
    try:
        dvpack, dotnet = readers.Dvpack(options.dvpack, top), readers.DotNet(shared) if shared else None
        found = bases.all_bases(dvpack, REPOSITORY, corpus, top)
        for base in found:
            base.measure(dvpack, dotnet)
            if base.known:
                print(
                    f"base {base.name}: the readers differ in {', '.join(base.known)}, which is not looked at in its"
                    " cases"
                )
        refused = [it.name for it in found if it.bundle is not None and not accepted(it, dvpack, dotnet, top)]
        if refused:
            # Where nothing is accepted, nothing can be found.
            sys.exit(f"verify refuses a bundle around the unchanged base: {', '.join(refused)}")
        if dotnet:
            dotnet.close()
        shown = Counter()
        with multiprocessing.get_context("fork").Pool(options.jobs, start, (options, found, shared)) as pool:
            for it in pool.imap_unordered(run, range(options.first, options.first + options.count), chunksize=4):
                results.append(it)
                first = not shown[tuple(it["operators"][:1])]
                if it["problems"] and (first or not options.quiet):
                    shown[tuple(it["operators"][:1])] += 1
                    print(
                        f"case {it['index']} of {it['base']}: {', '.join(it['operators'])}"
                        f" ({'; '.join(it['variants'])})".encode("utf-8", "backslashreplace").decode()
                    )
                    for kind, why in it["problems"]:
                        print(f"  {kind}: {why}".encode("unicode_escape").decode())
    finally:
        shutil.rmtree(top, ignore_errors=True)
    results.sort(key=lambda it: it["index"])
    if options.json:
        with open(options.json, "w", encoding="utf-8", errors="backslashreplace") as file:
            json.dump([it for it in results if it["problems"]], file, indent=1)
    table(results)
    failed = sum(bool(it["problems"]) for it in results)
    print(
        f"{len(results)} cases of {len(mutate.OPERATORS)} operators in {len(operators.FAMILIES)} files, on {len(found)} bases in"
        f" {time.monotonic() - began:.0f} s; {sum(it['accepted'] for it in results)} accepted in a bundle"
    )
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
