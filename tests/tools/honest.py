"""Honest inputs: every real solution must still be read.

usage: python3 tests/tools/honest.py [--dvpack PATH] [--jobs N] [--adopt]

Each export of the corpus ($DVPACK_CORPUS, default ../shared/corpus) is inspected, unpacked, packed again, and inspected again: the same
parts must come back, XML by its tree and everything else byte for byte. With --adopt, a project is made of each export and each unpacked
folder (`init --from`), built, and its bundle verified; what dvpack refuses there is listed with its codes. The table says what is refused and why.
"""

import argparse
import multiprocessing
import os
import shutil
import sys
import tempfile
import zipfile
from collections import Counter

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "differential"))
from readers import Dvpack, tree  # noqa: E402 pylint: disable=wrong-import-position


# What a project is refused for, and why that is right. One that is not refused any more is a failure, too.
REFUSED = {
    ("adopted", "ls5986+DRACRM_Dataverse__updated-DRA.zip"): "made by hand: four columns stand twice, with different content",
    ("adopted", "ls5986+DRACRM_Dataverse__temp_src"): "made by hand: a relationship lies where nothing reads it",
    ("adopted", "ls5986+DRACRM_Dataverse__DebtResolutionSolution_src"): "made by hand: the same",
}


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="honest.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dvpack", default=f"{REPOSITORY}/target/debug/dvpack")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--adopt", action="store_true", help="also make, build and verify a project of each")
    return parser.parse_args()


def parts(path):
    """The parts of a solution: the tree of XML, the bytes of everything else. The list of content types is dvpack's own."""
    found = {}
    with zipfile.ZipFile(path) as file:
        for info in file.infolist():
            if info.filename == "[Content_Types].xml" or info.is_dir():
                continue
            data = file.read(info)
            found[info.filename] = tree(data) if info.filename in ("customizations.xml", "solution.xml") else data
    return found


def sorted_tree(element):
    """A tree without the order of elements: a folder does not keep that of every section."""
    if not isinstance(element, list):
        return element
    return [element[0], element[1], *sorted((sorted_tree(it) for it in element[2:]), key=repr)]


def why(code, said):
    """What a verb refused for, in a few words."""
    found = said.get("diagnostics") or []
    if found:
        first = found[0]
        return ", ".join(sorted({it["code"] for it in found})) + f": {first['message'][:110]}"
    return f"exit {code}: {str(said.get('message'))[:110]}"


def there_and_back(dvpack, path, folder):
    """Step and reason of the first failure with an export, or nothing; and how it came back."""
    code, said = dvpack.json("inspect", path)
    if code != 0:
        return "inspect", why(code, said)
    code, said = dvpack.json("unpack", path, f"{folder}/unpacked")
    if code != 0:
        return "unpack", why(code, said)
    code, said = dvpack.json("pack", f"{folder}/unpacked", f"{folder}/again.zip")
    if code != 0:
        return "pack", why(code, said)
    code, said = dvpack.json("inspect", f"{folder}/again.zip")
    if code != 0:
        return "inspect again", why(code, said)
    before, after = parts(path), parts(f"{folder}/again.zip")
    if set(before) != set(after):
        return "parts", f"{sorted(set(before) ^ set(after))[:2]}"
    for name, one in before.items():
        if one != after[name] and sorted_tree(one) != sorted_tree(after[name]):
            return "parts", f"`{name}` is not the same"
    return None, None


def adopted(dvpack, path, folder):
    """The same for a project that is made of it."""
    code, said = dvpack.json("init", f"{folder}/project", "--from", path)
    if code != 0:
        return "init --from", why(code, said)
    code, said = dvpack.json("build", f"{folder}/project", "-o", f"{folder}/made")
    if code != 0:
        return "build", why(code, said)
    bundle = next(f"{folder}/made/{name}" for name in os.listdir(f"{folder}/made") if name.endswith(".dvpack"))
    code, said = dvpack.json("verify", bundle)
    return (None, None) if code == 0 else ("verify", why(code, said))


def run(work):
    """One export or folder."""
    kind, path, program, top = work
    folder = tempfile.mkdtemp(dir=top)
    dvpack = Dvpack(program, folder)
    try:
        step, reason = (adopted if kind == "adopted" else there_and_back)(dvpack, path, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return kind, os.path.basename(path.removesuffix("/src")), step, reason


def main():
    """Runs all of them and prints the table."""
    options = arguments()
    corpus = os.path.abspath(os.environ.get("DVPACK_CORPUS", f"{REPOSITORY}/../shared/corpus"))
    if not os.path.isdir(corpus):
        print("skipped: no corpus")
        return 1 if os.environ.get("DVPACK_NO_SKIP") else 0
    exports = sorted(f"{corpus}/exported/{name}" for name in os.listdir(f"{corpus}/exported") if name.endswith(".zip"))
    folders = sorted(
        f"{corpus}/unpacked/{name}/src"
        for name in os.listdir(f"{corpus}/unpacked")
        if os.path.isdir(f"{corpus}/unpacked/{name}/src")
    )
    top = tempfile.mkdtemp(prefix="dvpack-honest-")
    work = [("export", path, os.path.abspath(options.dvpack), top) for path in exports]
    if options.adopt:
        work += [("adopted", path, os.path.abspath(options.dvpack), top) for path in exports + folders]
    try:
        with multiprocessing.Pool(options.jobs) as pool:
            results = pool.map(run, work, chunksize=1)
    finally:
        shutil.rmtree(top, ignore_errors=True)
    refused = []
    for kind, name, step, reason in results:
        expected = REFUSED.get((kind, name))
        if expected and step:
            print(f"{kind:8} {name} is refused as expected: {expected}; {reason}")
        elif expected:
            refused.append((kind, name, "nothing", f"it should be refused: {expected}"))
        elif step:
            refused.append((kind, name, step, reason))
    for kind, name, step, reason in refused:
        print(f"{kind:8} {name[:70]:70} {step:14} {reason}".encode("utf-8", "backslashreplace").decode())
    for (kind, step), count in sorted(Counter((it[0], it[2]) for it in refused).items()):
        print(f"{kind}: {count} refused by {step}")
    totals = Counter(it[0] for it in results)
    for kind, total in sorted(totals.items()):
        print(f"{kind}: {total - sum(it[0] == kind for it in refused)} of {total} are as they were")
    print(f"{len(results) - len(refused)} passed, {len(refused)} failed")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
