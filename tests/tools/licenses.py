"""Writes THIRD-PARTY-LICENSES.txt: every library in the binary, on any platform, its licence, and the licences' texts.

usage: licenses.py >THIRD-PARTY-LICENSES.txt, after `cargo fetch`. No network; the same dependencies give the same bytes. A test
compares the list with `cargo metadata`.
"""
import json
import os
import re
import subprocess
import sys

metadata = json.loads(subprocess.run(
    ["cargo", "metadata", "--locked", "--offline", "--format-version", "1"], capture_output=True, text=True, check=True
).stdout)
packages = {package["id"]: package for package in metadata["packages"]}
nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
root = metadata["resolve"]["root"]
seen, todo = set(), [root]
while todo:
    at = todo.pop()
    if at not in seen:
        seen.add(at)
        todo += [it["pkg"] for it in nodes[at]["deps"] if any(kind["kind"] is None for kind in it["dep_kinds"])]
libraries = sorted((packages[at] for at in seen if at not in metadata["workspace_members"]), key=lambda it: (it["name"], it["version"]))


def files(package):
    """The licence files to be given along: of alternatives the shortest text, MIT."""
    folder = os.path.dirname(package["manifest_path"])
    names = sorted(name for name in os.listdir(folder) if re.match(r"(?i)(licen[sc]e|copying|unlicense|notice)", name))
    names = [name for name in names if os.path.isfile(os.path.join(folder, name))]
    expression = package["license"] or ""
    if " AND " not in expression and (" OR " in expression or "/" in expression):
        for wanted in ["mit", "apache"]:
            chosen = [name for name in names if wanted in name.lower()]
            if wanted.upper() in expression.upper() and chosen:
                names = chosen[:1]
                break
    return [os.path.join(folder, name) for name in names]


texts = {}
without = []
for package in libraries:
    label = f"{package['name']} {package['version']}"
    found = files(package)
    if not found:
        without.append(f"{label} ({package['license']})")
    for path in found:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = [line.rstrip() for line in file.read().replace("\r", "").strip("\n").split("\n")]
        owners = [line.strip() for line in lines if re.match(r"\s*(copyright \(c\)|copyright ©|copyright \d|©|\(c\))", line, re.I)]
        body = [line for line in lines if line.strip() not in owners]
        key = " ".join(" ".join(body).split()).lower()
        entry = texts.setdefault(key, {"body": "\n".join(body).strip("\n"), "crates": [], "owners": []})
        entry["crates"] += [label] if label not in entry["crates"] else []
        entry["owners"] += [owner for owner in owners if owner not in entry["owners"]]

out = sys.stdout
out.write("dvpack is under the MIT licence. It contains these libraries, each under its own licence:\n\n")
for package in libraries:
    out.write(f"  {package['name']} {package['version']}: {package['license']}\n")
out.write("\nA library that offers several licences is used under the MIT licence where that is one of them. The texts:\n")
for entry in sorted(texts.values(), key=lambda it: (-len(it["crates"]), it["crates"])):
    out.write("\n" + "=" * 100 + "\n")
    out.write(", ".join(entry["crates"]) + "\n\n")
    out.write("".join(owner + "\n" for owner in entry["owners"]) + ("\n" if entry["owners"] else ""))
    out.write(re.sub(r"\n{3,}", "\n\n", entry["body"]) + "\n")
if without:
    out.write("\n" + "=" * 100 + "\nWithout a text of their own; that of their licence stands above:\n\n")
    out.write("".join(f"  {label}\n" for label in without))
