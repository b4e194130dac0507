"""The verdict on one case: what three readers see, and what `diff` and `verify` say."""

import os
from collections import Counter

import facts
import strict
import wrap
from readers import python

BLANKS = {ord(it): " " for it in "\r\n\t"}


class Verdict:
    """How a case ended: `verify`'s answer, `inspect`'s answer, and what is wrong."""

    def __init__(self):
        self.accepted = self.inspected = False
        self.differ = False
        self.codes, self.masked, self.listed = [], False, False
        self.problems = []


def trimmed(value):
    """The same without blanks at the ends of texts, for what is no bundle."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, (list, tuple)):
        return [trimmed(it) for it in value]
    return value


def difference(trees, shown, exact, but=()):
    """The first fact that dvpack shows differently, in words; nothing if there is none."""
    if "refused" in trees:
        return f".NET refuses: {trees['refused']}"
    lists = ("roles", "stray privileges", "variables", "connections", "processes", "column security", "secured columns")
    for key in (*wrap.SINGLE, *lists):
        one, other = trees[key], shown[key]
        if key in wrap.SINGLE and not one:
            one = [""]
        if key in ("variables", "connections"):
            one = sorted((name, tuple(it for it in some if it)) for name, some in one)
        if key not in but and (one != other if exact else trimmed(one) != trimmed(other)):
            return f"{key}: {short(one, other)}"
    for name in shown["display names"]:
        known = trees["display names"]
        if (
            "display names" not in but
            and name
            and name not in known
            and name not in trees["name"] + trees["publisher"]
            and (exact or name.strip() not in trimmed(known))
        ):
            return f"display names: {name!r} is not one of {known}"
    return None


def short(one, other):
    """What differs of two lists."""
    if not isinstance(one, (list, tuple)) or not isinstance(other, (list, tuple)):
        return f"{one!r}, {other!r}"
    one_only, other_only = [it for it in one if it not in other], [it for it in other if it not in one]
    if not one_only and not other_only:
        return f"{len(one)} in .NET, {len(other)} in dvpack"
    return f"in .NET {str(one_only)[:300]}, in dvpack {str(other_only)[:300]}"


def tree_difference(one, other):
    """How .NET and expat differ, in words."""
    if bool(one["error"]) != bool(other["error"]):
        return f".NET: {one['error']}, Python: {other['error']}"
    if one["parts"] != other["parts"]:
        return f"parts: {sorted(set(one['parts'].items()) ^ set(other['parts'].items()))[:2]}"
    first, second = facts.of_trees(one), facts.of_trees(other)
    for key in first:
        if key != "items" and first[key] != second.get(key):
            return f"{key}: .NET and expat read it differently: {short(first[key], second.get(key))}"
    for name, tree in one["xml"].items():
        if normalized(tree) != normalized(other["xml"].get(name)):
            return f"{name}: .NET and expat read it differently"
    return None


def normalized(tree):
    """A tree as a reader gives it that makes line ends LF, and blanks of them in attributes: .NET does not, and expat does."""
    if tree is None:
        return None
    if isinstance(tree, str):
        return tree.replace("\r\n", "\n").replace("\r", "\n")
    attributes = {name: value.replace("\r\n", " ").translate(BLANKS) for name, value in tree[1].items()}
    return [tree[0], attributes, *map(normalized, tree[2:])]


def seen_differently(one, other):
    """Whether .NET sees a difference between two packages: other parts, other bytes or, in XML, another tree."""
    if one["error"] or other["error"] or set(one["parts"]) != set(other["parts"]):
        return True
    return any(
        one["parts"][name] != other["parts"][name]
        and (one["xml"].get(name) is None or one["xml"][name] != other["xml"].get(name))
        for name in one["parts"]
    )


class Judge:
    """Asks the readers about one case after another."""

    def __init__(self, dvpack, dotnet, folder, quick):
        self.dvpack, self.dotnet, self.folder, self.quick = dvpack, dotnet, folder, quick
        self.path, self.bundle = os.path.join(folder, "case.zip"), os.path.join(folder, "case.dvpack")
        self.case = self.verdict = self.net = self.expat = None

    def judge(self, case):
        """The verdict on a case. Its files are left in the folder.

        `quick`: .NET is asked only where `verify` accepts the case, or where expat and dvpack see different things; else expat stands for it.
        """
        self.case, self.verdict, self.net = case, Verdict(), None
        data = case.zip()
        for path in (self.path, self.bundle):
            if os.path.exists(path):
                os.remove(path)
        with open(self.path, "wb") as file:
            file.write(data)
        code, said = self.dvpack.json("inspect", self.path)
        self.crashes("inspect", code, said, (0, 1, 3))
        self.verdict.inspected = code == 0
        shown = facts.of_inspect(said) if code == 0 else None
        if shown and not self.quick and self.dotnet:
            self.dotnet.ask(self.path)
        self.expat = python(self.path)
        compared = self.dvpack.run("diff", case.base.path, self.path) if shown else (None, "", "")
        if shown and not self.quick and self.dotnet:
            self.net = self.dotnet.answer()
        if case.base.bundle is not None:
            self.in_bundle(data, shown)
        if shown:
            if (
                self.quick
                and self.net is None
                and (difference(facts.of_trees(self.expat), shown, True, case.base.known) or self.unequal(compared))
            ):
                self.ask()
            self.plain(shown, said)
            self.crashes("diff", compared[0], compared[2], (0, 1, 3, 10))
            if self.unequal(compared):
                self.verdict.problems.append(("diff", "diff says `no difference`, and .NET sees one"))
        return self.verdict

    def ask(self):
        """Has .NET read the case, if it has not."""
        if self.net is None and self.dotnet is not None:
            self.dotnet.ask(self.path)
            self.net = self.dotnet.answer()

    def trees(self):
        """The facts as .NET sees them, or expat in its place."""
        return facts.of_trees(self.net or self.expat)

    def unequal(self, compared):
        """Whether `diff` says that nothing differs while the parts do."""
        one, other = (self.case.base.net, self.net) if self.net else (self.case.base.expat, self.expat)
        return compared[0] == 0 and "no difference" in compared[1] and seen_differently(one, other)

    def crashes(self, verb, code, said, allowed):
        """Whatever no verb may end with."""
        if code not in allowed:
            self.verdict.problems.append(("crash", f"{verb} ends with {code}: {str(said)[:300]}"))

    def plain(self, shown, said):
        """What `inspect` shows of a solution must be what .NET sees, or be listed."""
        new = Counter(shown["listed"]) - Counter(self.case.base.listed)
        trees = self.trees()
        different = difference(trees, shown, False, self.case.base.known)
        self.verdict.differ |= bool(different)
        self.verdict.listed = bool(different and new)
        if different and not new:
            self.verdict.problems.append(("view", different))
        hidden = self.hidden(trees, shown)
        if hidden:
            self.verdict.problems.append(("hidden", hidden))
        unclaimed = [it for solution in said.get("solutions") or [] for it in solution["unclaimed"]]
        for part in self.case.must_list:
            if part not in unclaimed:
                self.verdict.problems.append(("hidden", f"`{part}` is not listed"))
        text = str(said)
        for marker in self.case.must_show:
            if isinstance(marker, tuple):
                marker, written = marker
                # A later operator can have taken it out again.
                if not any(written.encode() in data for _, data in self.case.parts):
                    continue
            if marker not in text:
                self.verdict.problems.append(("hidden", f"`{marker}` is not shown"))

    def hidden(self, trees, shown):
        """Items that neither the base hid nor `inspect` shows or lists, in words."""
        if "refused" in trees or Counter(shown["listed"]) - Counter(self.case.base.listed):
            return None
        hidden = Counter(facts.hidden_items(trees, shown)) - Counter(self.case.base.hidden)
        return f"not shown: {sorted(hidden)[:3]}" if hidden else None

    def described(self, trees, said):
        """Whether bundle.json names other roles and privileges than .NET sees, in words."""
        claimed = sorted(
            (facts.guid(it["id"]), it["name"], tuple(sorted((p["name"], p["level"]) for p in it["privileges"])))
            for it in (said.get("bundle") or {}).get("roles", [])
        )
        return None if claimed == trees["roles"] else f"bundle.json: {short(trees['roles'], claimed)}"

    def verified(self, content):
        """Whether `verify` accepts a bundle. Of several attempts the codes of the first count: its bundle.json says what dvpack itself shows."""
        with open(self.bundle, "wb") as file:
            file.write(content)
        verdict = self.verdict
        code, said = self.dvpack.json("verify", self.bundle)
        self.crashes("verify", code, said, (0, 1, 3))
        found = said.get("diagnostics") or []
        inside = [it for it in found if "solutions/" in (it.get("file") or "") and it["code"] != "solution-differs"]
        verdict.codes = verdict.codes or sorted({it["code"] for it in found}) or [f"exit {code}"]
        if code != 0 and not self.case.must_refuse and not inside and self.dvpack.fit(self.bundle):
            # Someone with bad intent would render the other files again, too.
            code, said = self.dvpack.json("verify", self.bundle)
            self.crashes("verify", code, said, (0, 1, 3))
            found = said.get("diagnostics") or []
            inside = [it for it in found if "solutions/" in (it.get("file") or "") and it["code"] != "solution-differs"]
        # Where nothing is said against the solution itself, only what is around it does not fit.
        verdict.masked |= bool(found) and not self.case.must_refuse and not inside
        verdict.accepted = code == 0
        # What is wrong with the solution stays wrong whatever bundle.json says of it.
        return verdict.accepted or bool(inside)

    def in_bundle(self, data, shown):
        """What `verify` accepts must be read alike by all."""
        case, verdict = self.case, self.verdict
        for claim in wrap.claims(case.base, shown, self.trees()):
            if self.verified(wrap.bundle(case, data, claim)):
                break
        else:
            if verdict.masked and shown is not None:
                made = wrap.rebuilt(case, data, self.path, shown, self.folder, self.dvpack)
                if made is not None:
                    self.verified(made)
        if not verdict.accepted:
            return
        if case.must_refuse:
            verdict.problems.append(("bundle", "verify accepts what was done to the bundle"))
        code, said = self.dvpack.json("inspect", self.bundle)
        if code != 0:
            verdict.problems.append(("bundle", f"verify accepts it, and inspect ends with {code}: {str(said)[:300]}"))
            return
        shown = facts.of_inspect(said)
        self.ask()
        trees = self.trees()
        offences = [it for it in strict.offences(case.parts, self.net or self.expat) if it not in case.base.offences]
        if offences:
            verdict.problems.append(("strict", "; ".join(offences[:3])))
        different = (
            difference(trees, shown, True, case.base.known)
            or self.described(trees, said)
            or (tree_difference(self.net, self.expat) if self.net else None)
            or self.hidden(trees, shown)
        )
        if different:
            verdict.differ = True
            verdict.problems.append(("bundle", different))
