#!/usr/bin/env python3
"""How long the verbs take on a large customizations.xml, and how much memory they need.

    cargo build --release --bins
    benches/verbs.py [--megabytes 30,300] [--runs 3]

Builds examples/contoso-widgets and repeats its table, under other names and IDs, until customizations.xml has this size;
what is compared differs in one column. Needs GNU time. The environment variable DVPACK names another program to measure.
The table shows the median wall time, the median processor time and the peak memory of one run.
"""
import argparse, os, pathlib, re, shutil, statistics, subprocess, tempfile, time, zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
DVPACK = pathlib.Path(os.environ.get("DVPACK", TARGET / "dvpack")).resolve()
GUID = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def enlarge(source, target, size, change=lambda text: text):
    """The solution zip with its table repeated until customizations.xml has `size` bytes."""
    with zipfile.ZipFile(source) as zip_:
        parts = [(name, zip_.read(name)) for name in zip_.namelist()]
    text = dict(parts)["customizations.xml"].decode()
    start, end = text.index("<Entity>"), text.index("</Entity>") + len("</Entity>")
    table, made, roots, length = text[start:end], [], [], len(text)
    while length < size:
        number, known = len(made) + 1, {}

        def other(found):
            at = known.setdefault(found[0].lower(), len(known))
            guid = f"0badc0de-{at:04x}-4000-8000-{number:012x}"
            return guid.upper() if re.search("[A-Z]", found[0]) else guid

        again = GUID.sub(other, table)
        again = again.replace("ontoso_widget", f"ontoso_w{number}x").replace("ontoso_Widget", f"ontoso_W{number}x")
        made.append("\r\n    " + again)
        roots.append(f'<RootComponent type="1" schemaName="contoso_w{number}x" behavior="0" />\r\n      ')
        length += len(made[-1])
    text = change(text[:end] + "".join(made) + text[end:])
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as zip_:
        for name, content in parts:
            if name == "customizations.xml":
                content = text.encode()
            if name == "solution.xml":
                content = content.decode().replace("<RootComponent ", "".join(roots) + "<RootComponent ", 1).encode()
            zip_.writestr(name, content)


def run(command, folder):
    """Wall time, processor time and peak memory of one run."""
    with tempfile.NamedTemporaryFile() as out:
        start = time.perf_counter()
        ran = subprocess.run(["/usr/bin/time", "-q", "-f", "%U %S %M", "-o", out.name, DVPACK, *command], cwd=folder,
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        wall = time.perf_counter() - start
        if ran.returncode:
            raise SystemExit(f"{command} failed: {ran.stderr.decode()[-2000:]}")
        user, system, memory = out.read().split()
        return wall, float(user) + float(system), int(memory) / 1024


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--megabytes", default="30")
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--verbs", default="", help="only these, with a comma between them")
    options = arguments.parse_args()
    print(f"{time.strftime('%Y-%m-%d', time.gmtime())}, {os.uname().machine} {os.uname().sysname}, "
          f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start, median of {options.runs} runs\n")
    print("| customizations.xml | verb | wall | processor | peak memory |\n|---|---|---|---|---|", flush=True)
    for megabytes in options.megabytes.split(","):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            subprocess.run([DVPACK, "build", ROOT / "examples/contoso-widgets", "-o", folder / "example"], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            example = next((folder / "example").glob("*_managed.zip"))
            size = int(float(megabytes) * 1e6)
            enlarge(example, folder / "it.zip", size)
            enlarge(example, folder / "other.zip", size,
                    lambda text: text.replace("<MaxLength>50</MaxLength>", "<MaxLength>60</MaxLength>", 1))
            for verb, command, made in [
                ("inspect", ["inspect", "it.zip"], None),
                ("unpack", ["unpack", "it.zip", "unpacked"], "unpacked"),
                ("pack", ["pack", "unpacked", "packed.zip"], "packed.zip"),
                ("init --from", ["init", "project", "--from", "it.zip"], "project"),
                ("build", ["build", "project", "-o", "dist"], "dist"),
                ("diff", ["diff", "it.zip", "other.zip"], None),
            ]:
                if options.verbs and verb.split()[0] not in options.verbs.split(","):
                    continue
                taken = []
                for _ in range(options.runs):
                    if made and (folder / made).is_dir():
                        shutil.rmtree(folder / made)
                    taken.append(run(command, folder))
                wall, cpu = (statistics.median(values) for values in list(zip(*taken))[:2])
                peak = max(memory for _, _, memory in taken)
                print(f"| {megabytes} MB | `{verb}` | {wall:.2f} s | {cpu:.2f} s | {peak:.0f} MiB |", flush=True)


if __name__ == "__main__":
    main()
