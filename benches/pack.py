#!/usr/bin/env python3
"""How long `dvpack pack` takes and how much memory it needs, beside zip, 7z and a bare read-and-deflate.

    cargo build --release --examples --bins
    benches/pack.py [--scales 1,2,4] [--apps 8] [--runs 5] [--level 6] [--no-peers] [FOLDER...]

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


def compare(label, folder, options, scratch):
    """Measures packing of one folder, beside what only reads and deflates, `zip` and `7z` on what the zip holds in the end."""
    flags = options.flags.split()
    count, size = describe(folder)
    packed, entries = scratch / "packed.zip", scratch / "entries"
    subprocess.run([DVPACK, "pack", folder, packed, *flags], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    subprocess.run(["7z", "x", f"-o{entries}", packed], check=True, stdout=subprocess.DEVNULL)
    packed.unlink()
    zipped, sevened = scratch / "zipped.zip", scratch / "sevened.zip"
    commands = [
        ("dvpack pack", [DVPACK, "pack", folder, packed, *flags], packed),
        ("bare read and deflate", [TARGET / "examples/bare", entries, options.level], None),
        ("bare, and stored by sample", [TARGET / "examples/bare", entries, options.level, "sampled"], None),
    ]
    if not options.no_peers:
        commands.append(("zip -6", ["zip", "-q", "-6", "-r", zipped, "."], zipped))
        commands.append(("7z -tzip", ["7z", "a", "-tzip", "-bd", sevened, "."], sevened))
    runs = options.runs if size > 20e6 else max(options.runs, 15)
    medians = measure(f"{label}: {count:,} files, {size / 1e6:.2f} MB", commands, runs, entries)
    shutil.rmtree(entries)
    ours = medians["dvpack pack"]
    ratios = [f"{ours[0] / wall:.2f} × {name}" for name, (wall, _) in medians.items() if name != "dvpack pack"]
    return f"{label}: the wall time is {', '.join(ratios)}"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--scales", default="1,2,4", help="sizes of the synthetic solution, '' for none")
    arguments.add_argument("--apps", type=int, default=8, help="canvas apps of the canvas-heavy solution, 0 for none")
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--level", default="6", help="deflate level of the bare program: that of dvpack")
    arguments.add_argument("--keep", type=pathlib.Path, help="where the synthetic folders are kept for the next time")
    arguments.add_argument("--flags", default="", help="flags more for `dvpack pack`")
    arguments.add_argument("--no-peers", action="store_true", help="leave zip and 7z out")
    arguments.add_argument("folders", nargs="*", type=pathlib.Path)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        kept = options.keep or scratch
        print(f"{time.strftime('%Y-%m-%d', time.gmtime())}, {os.uname().machine} {os.uname().sysname}, "
              f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start, median of {options.runs} runs\n")
        print("| folder | program | wall | processor | peak memory | zip, MB |\n|---|---|---|---|---|---|", flush=True)

        def made(name, *arguments):
            if not (kept / name).exists():
                subprocess.run([TARGET / "examples/synthetic", kept / name, *arguments], check=True,
                               stdout=subprocess.DEVNULL)
            return kept / name

        cases = [(folder.name, folder.resolve()) for folder in options.folders]
        if options.apps:
            cases.append(("canvas-heavy", made(f"canvas-{options.apps}", "0.01", str(options.apps))))
        cases += [(f"synthetic {scale}×", made(f"synthetic-{scale}", scale))
                  for scale in filter(None, options.scales.split(","))]
        ratios = [compare(label, folder, options, scratch) for label, folder in cases]
        print("\n" + "\n".join(ratios))


if __name__ == "__main__":
    main()
