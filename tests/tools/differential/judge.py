"""The verdict on one case: what three readers see, and what `diff` and `verify` say."""
import os
from collections import Counter

import facts
import wrap
from readers import python

SINGLE = ("name", "version", "managed", "publisher", "prefix")


class Verdict:
    """How a case ended: `verify`'s answer, `inspect`'s answer, and what is wrong."""

    def __init__(self):
        self.accepted = self.inspected = False
        self.differ = False
        self.codes = []
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
    for key in (*SINGLE, "roles", "stray privileges", "variables", "connections"):
        one, other = trees[key], shown[key]
        if key in SINGLE and not one:
            one = [""]
        if key in ("variables", "connections"):
            one = sorted((name, tuple(it for it in some if it)) for name, some in one)
        if key not in but and (one != other if exact else trimmed(one) != trimmed(other)):
            return f"{key}: {short(one, other)}"
    for name in shown["display names"]:
        known = trees["display names"]
        if "display names" not in but and name and name not in known and name not in trees["name"] + trees["publisher"] and (exact or name.strip() not in trimmed(known)):
            return f"display names: {name!r} is not one of {known}"
    return None


def short(one, other):
    """What differs of two lists."""
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
    for name, tree in one["xml"].items():
        if tree != other["xml"].get(name):
            return f"{name}: .NET and expat read it differently"
    return None


def seen_differently(one, other):
    """Whether .NET sees a difference between two packages: other parts, other bytes or, in XML, another tree."""
    if one["error"] or other["error"] or set(one["parts"]) != set(other["parts"]):
        return True
    return any(one["parts"][name] != other["parts"][name] and (one["xml"].get(name) is None or one["xml"][name] != other["xml"].get(name)) for name in one["parts"])


def judge(case, folder, dvpack, dotnet):
    """The verdict on a case. Files are written to `folder` and left there."""
    verdict = Verdict()
    data = case.zip()
    path, bundle = os.path.join(folder, "case.zip"), os.path.join(folder, "case.dvpack")
    with open(path, "wb") as file:
        file.write(data)
    code, said = dvpack.json("inspect", path)
    verdict.inspected = code == 0
    crashes(verdict, "inspect", code, said, (0, 1, 3))
    net = None
    if dotnet is not None and verdict.inspected:
        dotnet.ask(path)
    expat = python(path)
    compared = None
    if verdict.inspected and case.base.net is not None:
        compared, text, errors = dvpack.run("diff", case.base.path, path)
        crashes(verdict, "diff", compared, errors, (0, 1, 3, 10))
    if dotnet is not None and verdict.inspected:
        net = dotnet.answer()
    trees = facts.of_trees(net or expat)
    shown = facts.of_inspect(said) if verdict.inspected else None
    if verdict.inspected and net is not None:
        plain(case, verdict, trees, shown, said)
        if compared == 0 and "no difference" in text and seen_differently(case.base.net, net):
            verdict.problems.append(("diff", "diff says `no difference`, and .NET sees one"))
    if case.base.bundle is not None:
        in_bundle(case, verdict, data, (path, bundle), dvpack, dotnet, (net, expat, trees, shown))
    return verdict


def crashes(verdict, verb, code, said, allowed):
    """Whatever no verb may end with."""
    if code not in allowed:
        verdict.problems.append(("crash", f"{verb} ends with {code}: {str(said)[:300]}"))


def plain(case, verdict, trees, shown, said):
    """What `inspect` shows of a solution must be what .NET sees, or be listed."""
    known = case.base.listed
    new = Counter(shown["listed"]) - Counter(known)
    different = difference(trees, shown, False, case.base.known)
    verdict.differ = bool(different)
    if different and not new:
        verdict.problems.append(("view", different))
    if "refused" not in trees:
        hidden = Counter(facts.hidden_items(trees, shown)) - Counter(case.base.hidden)
        if hidden and not new:
            verdict.problems.append(("hidden", f"not shown: {sorted(hidden)[:3]}"))
    text = str(said)
    for marker in case.must_show:
        if marker not in text:
            verdict.problems.append(("hidden", f"`{marker}` is not shown"))


def in_bundle(case, verdict, data, paths, dvpack, dotnet, read):
    """What `verify` accepts must be read alike by all."""
    net, expat, trees, shown = read
    path, bundle = paths
    for claim in wrap.claims(case.base, shown, trees):
        with open(bundle, "wb") as file:
            file.write(wrap.bundle(case.base, data, claim))
        code, said = dvpack.json("verify", bundle)
        crashes(verdict, "verify", code, said, (0, 1, 3))
        verdict.codes = sorted({it["code"] for it in said.get("diagnostics") or []}) or [f"exit {code}"]
        if code == 0:
            break
    else:
        return
    verdict.accepted = True
    code, said = dvpack.json("inspect", bundle)
    crashes(verdict, "inspect of the bundle", code, said, (0,))
    if code != 0:
        return
    shown = facts.of_inspect(said)
    if net is None and dotnet is not None:
        dotnet.ask(path)
        net = dotnet.answer()
        trees = facts.of_trees(net)
    expat_facts = facts.of_trees(expat)
    if net is not None:
        different = difference(trees, shown, True, case.base.known) or tree_difference(net, expat)
        hidden = Counter(facts.hidden_items(trees, shown)) - Counter(case.base.hidden) if "refused" not in trees else None
        if hidden and not Counter(shown["listed"]) - Counter(case.base.listed):
            different = different or f"not shown: {sorted(hidden)[:3]}"
    else:
        different = difference(expat_facts, shown, True, case.base.known)
    if different:
        verdict.differ = True
        verdict.problems.append(("bundle", different))
