"""The solutions that are changed, and the bundles around them."""

import os
import shutil
import sys

import facts
import mutate
import readers
import strict
import wrap

# Kinds that can be in one solution; the larger tables are left out, so that a case is read in milliseconds.
RICH = (
    "canvas-app choice cloud-flow code-component column-security-profile connection-role custom-connector dashboard"
    " email-template environment-variable plugin-package record report role step web-resource"
).split()
# Exports of the corpus with roles, apps, profiles and AI models, as they are and rebuilt through a manifest.
EXPORTS = (
    "microsoft+PowerApps-Samples__ColumnLevelSecuritySampleSolution_managed.zip",
    "microsoft+PowerApps-TestEngine__TestEngine_1_0_0_1.zip",
    "microsoft+PowerPlatform-DataverseServiceClient__PowerPlatformIPManagement_1_0_1_0_managed.zip",
)
MANIFEST = """dvpack: 1
publisher: {{ name: {publisher}, displayName: {publisher}, prefix: {prefix}, optionValuePrefix: 10000 }}
solution: {{ name: {name}, displayName: {name}, version: {version} }}
components:
  source: [{sources}]
"""


class Base:
    """A solution, its parts, the bundle around it, and what the readers see of it before it is changed."""

    def __init__(self, name, path, bundle, weight):
        self.name, self.path, self.weight = name, path, weight
        with open(path, "rb") as file:
            self.data = file.read()
        self.parts = mutate.parts_of(self.data)
        self.bundle = None
        if bundle is not None:
            with open(bundle, "rb") as file:
                self.bundle = mutate.parts_of(file.read())
        self.net = self.claim = self.expat = None
        self.known, self.hidden, self.listed, self.offences = (), [], [], []

    def measure(self, dvpack, dotnet):
        """Notes how the readers see the base, so that a case is charged only with what it changed."""
        code, said = dvpack.json("inspect", self.path)
        if code != 0:
            sys.exit(f"inspect refuses the base {self.name}: {said}")
        shown = facts.of_inspect(said)
        self.listed = shown["listed"]
        self.expat = readers.python(self.path)
        self.claim = wrap.claim_of(shown)
        self.offences = strict.offences(self.parts, self.expat)
        if self.offences and self.bundle is not None:
            print(f"base {self.name} is outside of the strict profile: {'; '.join(self.offences[:3])}")
        if dotnet is None:
            return
        dotnet.ask(self.path)
        self.net = dotnet.answer()
        trees = facts.of_trees(self.net)
        if "refused" in trees:
            sys.exit(f".NET refuses the base {self.name}: {trees['refused']}")
        self.hidden = facts.hidden_items(trees, shown)
        self.known = tuple(key for key in trees if key != "items" and differs(key, trees, shown))


def differs(key, trees, shown):
    """Whether the readers differ in this fact of the base itself."""
    import judge

    others = [it for it in trees if it != key]
    return judge.difference(trees, shown, True, others) is not None


def build(dvpack, folder, out):
    """Builds a project; the solution and the bundle, or nothing."""
    code, _, _ = dvpack.run("build", folder, "-o", out)
    if code != 0:
        return None
    names = [f"{out}/{name}" for name in sorted(os.listdir(out))]
    return next(it for it in names if it.endswith(".zip")), next(it for it in names if it.endswith(".dvpack"))


def from_sources(dvpack, folder, named, sources):
    """A project that merges solution zips, and its build."""
    os.makedirs(folder)
    for number, source in enumerate(sources):
        shutil.copy(source, f"{folder}/{number}.zip")
    with open(f"{folder}/dvpack.yaml", "w", encoding="utf-8") as file:
        file.write(MANIFEST.format(**named, sources=", ".join(f"{number}.zip" for number in range(len(sources)))))
    return build(dvpack, folder, f"{folder}/out")


def all_bases(dvpack, repository, corpus, top):
    """The example, the smallest role, one solution of many kinds, and exports of the corpus."""
    found = []

    def add(name, built, weight):
        if built is None:
            sys.exit(f"the base {name} cannot be built with this program")
        found.append(Base(name, *built, weight))

    contoso = {"publisher": "contoso", "prefix": "contoso", "name": "ContosoKinds", "version": "1.0.0.0"}
    kinds = f"{repository}/tests/kinds"
    # Copied, for a build writes beside its manifest.
    shutil.copytree(kinds, f"{top}/kinds", ignore=shutil.ignore_patterns("dist"))
    shutil.copytree(f"{repository}/examples/contoso-widgets", f"{top}/example", ignore=shutil.ignore_patterns("dist"))
    add("example", build(dvpack, f"{top}/example", f"{top}/example-out"), 2)
    add("role", build(dvpack, f"{top}/kinds/role", f"{top}/role-out"), 5)
    # Its assembly is that of the kind `step`, so it is a base of its own.
    add("custom-api", build(dvpack, f"{top}/kinds/custom-api", f"{top}/custom-api-out"), 1)
    zips = [
        (build(dvpack, f"{top}/kinds/{kind}", f"{top}/out-{kind}") or sys.exit(f"the kind {kind} cannot be built"))[0]
        for kind in RICH
    ]
    add("rich", from_sources(dvpack, f"{top}/rich", contoso, zips), 3)
    if not os.path.isdir(corpus):
        print("skipped: no corpus, so no real export is changed")
        return found
    for name in EXPORTS:
        path = f"{corpus}/exported/{name}"
        if not os.path.exists(path):
            print(f"skipped: {name} is not in the corpus")
            continue
        found.append(Base("raw " + name.split("__")[1][:24], path, None, 0.5))
        code, said = dvpack.json("inspect", path)
        solution = said["solutions"][0] if code == 0 else {}
        named = {
            "publisher": solution["publisher"]["name"],
            "prefix": solution["publisher"]["prefix"],
            "name": solution["name"],
            "version": solution["version"],
        }
        built = from_sources(dvpack, f"{top}/{len(found)}", named, [path])
        if built is None:
            print(f"skipped: {name} cannot be merged as it is")
        else:
            found.append(Base("built " + name.split("__")[1][:22], *built, 0.5))
    return found
