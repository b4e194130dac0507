#!/usr/bin/env python3
"""How long `dvpack pack` takes and how much memory it needs, beside zip, 7z and a bare read-and-deflate.

    cargo build --release --examples --bins
    benches/pack.py [--scales 1,2,4] [--runs 5] [--level 6] [--no-peers] [FOLDER...]

Needs zip, 7z and GNU time (Debian: zip 7zip time). FOLDERs are unpacked solutions of your own. The environment
variable DVPACK names another program to measure. All programs take turns in every round, so that what else the
machine does strikes all of them; the table shows the median wall time, the median processor time and the peak memory.
"""
import argparse, os, pathlib, shutil, statistics, subprocess, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
DVPACK = pathlib.Path(os.environ.get("DVPACK", TARGET / "dvpack")).resolve()


def once(command, folder):
    """Wall and processor seconds of one run."""
    before, start = os.times(), time.perf_counter()
    ran = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    wall, after = time.perf_counter() - start, os.times()
    if ran.returncode:
        raise SystemExit(f"{command} failed: {ran.stderr.decode()}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, cpu


def peak(command, folder):
    """Peak resident memory in MiB."""
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(["/usr/bin/time", "-f", "%M", "-o", out.name, *command], cwd=folder, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return int(out.read().split()[-1]) / 1024


def measure(label, commands, runs, folder):
    """Prints one row for each command; gives the medians by name."""
    times = {name: [] for name, *_ in commands}
    for round_ in range(runs + 1):
        for name, command, made in commands:
            if made:
                made.unlink(missing_ok=True)
            taken = once(command, folder)
            if round_:
                times[name].append(taken)
    medians = {}
    for name, command, made in commands:
        wall, cpu = (statistics.median(values) for values in zip(*times[name]))
        medians[name] = (wall, cpu)
        size = f"{made.stat().st_size / 1e6:.2f}" if made and made.exists() else ""
        unit = f"{wall:.2f} s | {cpu:.2f} s" if wall >= 0.2 else f"{wall * 1e3:.1f} ms | {cpu * 1e3:.1f} ms"
        if made:
            made.unlink(missing_ok=True)
        print(f"| {label} | `{name}` | {unit} | {peak(command, folder):.0f} MiB | {size} |", flush=True)
    return medians


def describe(folder):
    files = [path for path in folder.rglob("*") if path.is_file()]
    return len(files), sum(path.stat().st_size for path in files)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--scales", default="1,2,4", help="sizes of the synthetic solution, '' for none")
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--level", default="6", help="deflate level of the bare program: that of dvpack")
    arguments.add_argument("--keep", type=pathlib.Path, help="where the synthetic folders are kept for the next time")
    arguments.add_argument("--flags", default="", help="flags more for `dvpack pack`")
    arguments.add_argument("--no-peers", action="store_true", help="leave zip and 7z out")
    arguments.add_argument("folders", nargs="*", type=pathlib.Path)
    options = arguments.parse_args()
    flags = options.flags.split()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        kept = options.keep or scratch
        print(f"{time.strftime('%Y-%m-%d', time.gmtime())}, {os.uname().machine} {os.uname().sysname}, "
              f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start, median of {options.runs} runs\n")
        print("| folder | program | wall | processor | peak memory | zip, MB |\n|---|---|---|---|---|---|", flush=True)
        ratios = []
        for scale in filter(None, options.scales.split(",")):
            folder = kept / f"synthetic-{scale}"
            if not folder.exists():
                subprocess.run([TARGET / "examples/synthetic", folder, scale], check=True, stdout=subprocess.DEVNULL)
            count, size = describe(folder)
            # What the zip holds in the end, as files.
            packed, entries = scratch / "packed.zip", scratch / "entries"
            subprocess.run([DVPACK, "pack", folder, packed, *flags], check=True, stdout=subprocess.DEVNULL)
            subprocess.run(["7z", "x", f"-o{entries}", packed], check=True, stdout=subprocess.DEVNULL)
            packed.unlink()
            zipped, sevened = scratch / "zipped.zip", scratch / "sevened.zip"
            peers = [] if options.no_peers else [
                ("zip -6", ["zip", "-q", "-6", "-r", zipped, "."], zipped),
                ("7z -tzip", ["7z", "a", "-tzip", "-bd", sevened, "."], sevened),
            ]
            medians = measure(f"synthetic {scale}×: {count:,} files, {size / 1e6:.0f} MB", [
                ("dvpack pack", [DVPACK, "pack", folder, packed, *flags], packed),
                ("bare read and deflate", [TARGET / "examples/bare", entries, options.level], None),
                *peers,
            ], options.runs, entries)
            ours, bare = medians["dvpack pack"], medians["bare read and deflate"]
            ratios.append(f"synthetic {scale}×: {ours[0] / bare[0]:.2f} times the bare wall time, "
                          f"{ours[1] / bare[1]:.2f} times its processor time")
            shutil.rmtree(entries)
        for folder in options.folders:
            folder = folder.resolve()
            count, size = describe(folder)
            packed, zipped = scratch / "packed.zip", scratch / "zipped.zip"
            measure(f"{folder.name}: {count:,} files, {size / 1e6:.2f} MB", [
                ("dvpack pack", [DVPACK, "pack", folder, packed, *flags], packed),
                ("zip -6", ["zip", "-q", "-6", "-r", zipped, "."], zipped),
            ], max(options.runs, 15), folder)
        print("\n" + "\n".join(ratios))


if __name__ == "__main__":
    main()
