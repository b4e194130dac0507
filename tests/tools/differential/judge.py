"""The verdict on one case: what three readers see, and what `diff` and `verify` say."""
import os
from collections import Counter

import facts
import wrap
from readers import python

BLANKS = {ord(it): " " for it in "\r\n\t"}
SINGLE = ("name", "version", "managed", "publisher", "prefix")


class Verdict:
    """How a case ended: `verify`'s answer, `inspect`'s answer, and what is wrong."""

    def __init__(self):
        self.accepted = self.inspected = False
        self.differ = False
        self.codes, self.masked = [], False
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


def verified(case, verdict, bundle, content, dvpack):
    """Whether `verify` accepts a bundle. Of several attempts the codes of the first count: its bundle.json says what dvpack itself shows."""
    with open(bundle, "wb") as file:
        file.write(content)
    code, said = dvpack.json("verify", bundle)
    crashes(verdict, "verify", code, said, (0, 1, 3))
    found = said.get("diagnostics") or []
    verdict.codes = verdict.codes or sorted({it["code"] for it in found}) or [f"exit {code}"]
    # Where nothing is said against the solution itself, only the files around it do not fit.
    verdict.masked = verdict.masked or bool(found) and not case.must_refuse and not any("solutions/" in (it.get("file") or "") for it in found)
    verdict.accepted = code == 0
    return verdict.accepted


def in_bundle(case, verdict, data, paths, dvpack, dotnet, read):
    """What `verify` accepts must be read alike by all."""
    net, expat, trees, shown = read
    path, bundle = paths
    for claim in wrap.claims(case.base, shown, trees):
        if verified(case, verdict, bundle, wrap.bundle(case, data, claim), dvpack):
            break
    if not verdict.accepted and verdict.masked and shown is not None:
        made = wrap.rebuilt(case, data, path, shown, os.path.dirname(path), dvpack)
        if made is not None:
            verified(case, verdict, bundle, made, dvpack)
    if not verdict.accepted:
        return
    if case.must_refuse:
        verdict.problems.append(("bundle", "verify accepts what was done to the bundle"))
    code, said = dvpack.json("inspect", bundle)
    if code != 0:
        verdict.problems.append(("bundle", f"verify accepts it, and inspect ends with {code}: {str(said)[:300]}"))
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
