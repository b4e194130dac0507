"""A bundle around a changed solution, as someone would make it who wants it to pass: every digest is computed again, and
bundle.json says what dvpack shows, what the base said, or what .NET sees of the solution."""

import hashlib
import io
import json
import os
import shutil
import zipfile

SINGLE = ("name", "version", "managed", "publisher", "prefix")


def claims(base, shown, trees):
    """What bundle.json could say, without doubles: what `inspect` shows, what the base said (None), what .NET sees."""
    found = []
    for facts in (shown, None, trees):
        claim = claim_of(facts) if facts is not None and "refused" not in facts else None
        if (
            claim is not None
            and all(claim[key] == base.claim[key] for key in ("roles", *SINGLE))
            and claim["display"] in (None, base.claim["display"])
        ):
            claim = None
        if claim not in found:
            found.append(claim)
    return found


def claim_of(facts):
    """What bundle.json would say of a solution with these facts."""
    claim = {key: (facts[key] or [""])[0] for key in SINGLE}
    claim["roles"] = first_of_each(facts["roles"])
    # Only what `inspect` shows says which display name is the solution's and which the publisher's.
    claim["display"] = facts["display names"] if "components" in facts else None
    return claim


def first_of_each(roles):
    """Roles by their GUID; of several with one GUID the first, for bundle.json names each role once."""
    found = {}
    for role in roles:
        found.setdefault(role[0], role)
    return list(found.values())


def bundle(case, solution, claim):
    """The bundle's bytes. `claim`: what bundle.json says of the solution; nothing: what it said before."""
    return zipped(around(dict(case.base.bundle), solution, claim, case.edit_bundle))


def around(entries, solution, claim, edits):
    """The bundle's entries."""
    inside = next(name for name in entries if name.startswith("solutions/"))
    swapped = digests(entries[inside], solution)
    entries[inside] = solution
    described = json.loads(entries["bundle.json"])
    described["solutions"][0].update(sha256=hashlib.sha256(solution).hexdigest(), size=len(solution))
    if claim is not None:
        described["solutions"][0].update(name=claim["name"], version=claim["version"], managed=claim["managed"] == "1")
        described["publisher"].update(name=claim["publisher"], prefix=claim["prefix"])
        if claim["display"]:
            described["solutions"][0]["displayName"], described["publisher"]["displayName"] = claim["display"]
        before = {it["id"]: it for it in described.get("roles", [])}
        described["roles"] = [
            {**before.get(id, {}), "id": id, "name": name, "privileges": privileges(before.get(id, {}), own)}
            for id, name, own in claim["roles"]
        ]
        assign(described, [role[0] for role in claim["roles"]])
    entries["bundle.json"] = json.dumps(described, indent=2, ensure_ascii=False).encode() + b"\n"
    for name in entries:
        if name in ("sbom.cdx.json", "INSTALL.html"):
            for old, new in swapped.items():
                entries[name] = entries[name].replace(old, new)
    # In the order that the list had; what was added comes last.
    listed = [line.split("  ", 1)[1] for line in entries["SHA256SUMS"].decode().splitlines()]
    for edit in edits:
        edit(entries)
    listed = [name for name in listed if name in entries]
    listed += [
        name for name in entries if name not in listed and name != "SHA256SUMS" and not name.startswith("signatures/")
    ]
    entries["SHA256SUMS"] = "".join(
        f"{hashlib.sha256(entries[name]).hexdigest()}  {name}\n" for name in listed
    ).encode()
    return entries


def rebuilt(case, solution, path, shown, folder, dvpack):
    """A bundle as dvpack itself makes it when it takes the changed solution as a source, with the changed solution put back in place
    of the normal form that dvpack wrote: pages, settings and bill of materials say then what dvpack reads. Nothing if that cannot be built.
    """
    if os.path.isdir(f"{folder}/rebuilt"):
        shutil.rmtree(f"{folder}/rebuilt")
    os.makedirs(f"{folder}/rebuilt")
    shutil.copy(path, f"{folder}/rebuilt/it.zip")
    title, company = (shown["display names"] + [None])[:2]
    manifest = {
        "dvpack": 1,
        "publisher": {
            "name": shown["publisher"][0],
            "displayName": company or "-",
            "prefix": shown["prefix"][0],
            "optionValuePrefix": int(shown["option prefix"] or 10000),
        },
        "solution": {"name": shown["name"][0], "displayName": title or "-", "version": shown["version"][0]},
        "components": {"source": ["it.zip"]},
    }
    with open(f"{folder}/rebuilt/dvpack.yaml", "w", encoding="utf-8") as file:
        json.dump(manifest, file)
    code, _, _ = dvpack.run("build", f"{folder}/rebuilt", "-o", f"{folder}/rebuilt/out")
    if code != 0:
        return None
    made = next(name for name in os.listdir(f"{folder}/rebuilt/out") if name.endswith(".dvpack"))
    with zipfile.ZipFile(f"{folder}/rebuilt/out/{made}") as file:
        return zipped(around({name: file.read(name) for name in file.namelist()}, solution, None, case.edit_bundle))


def zipped(entries):
    """A zip of these entries, in their order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as file:
        for name, data in entries.items():
            file.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return buffer.getvalue()


def assign(described, ids):
    """Lets the application user have roles that are there."""
    user = described.get("applicationUser")
    if user is None:
        return
    user["roles"] = [id for id in user["roles"] if id in ids] or ids[:1]
    if not ids:
        del described["applicationUser"]


def privileges(before, own):
    """Privileges as bundle.json lists them, with what it said of each before."""
    known = {it["name"]: it for it in before.get("privileges", [])}
    return [{**known.get(name, {}), "name": name, "level": level} for name, level in own]


def digests(old, new):
    """The digests of a solution and of its parts before, with those that they have now."""
    found = {hashlib.sha256(old).hexdigest().encode(): hashlib.sha256(new).hexdigest().encode()}
    try:
        with zipfile.ZipFile(io.BytesIO(old)) as before, zipfile.ZipFile(io.BytesIO(new)) as after:
            names = set(after.namelist())
            for name in before.namelist():
                if name in names:
                    one, other = before.read(name), after.read(name)
                    if one != other:
                        found[hashlib.sha256(one).hexdigest().encode()] = hashlib.sha256(other).hexdigest().encode()
    except Exception:  # pylint: disable=broad-except
        pass  # The changed zip is none that Python can read; then only its own digest is replaced.
    return found
