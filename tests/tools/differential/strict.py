"""What a bundle's solution must keep to, whoever reads it: the strict profile, checked by expat and without dvpack's table.

Only what names the solution (solution.xml) and roles are closed; elsewhere sections must be spelt right and stand once. JSON parts
that Dataverse reads are checked by Python's reader of JSON, and types and flags of environment variables by their few values.
"""

import json
import re
from xml.parsers import expat

import facts

GUID = re.compile(r"\{[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}", re.A)
PRIVILEGE = re.compile(r"[A-Za-z0-9_]+", re.A)
LEVELS = {"Basic", "Local", "Deep", "Global"}
MANIFEST = (
    "UniqueName LocalizedNames Descriptions Version Managed ConfigurationPage Publisher RootComponents MissingDependencies"
).split()
PUBLISHER = (
    "UniqueName LocalizedNames Descriptions EMailAddress SupportingWebsiteUrl CustomizationPrefix"
    " CustomizationOptionValuePrefix Addresses"
).split()
ROOT = (
    "version SolutionPackageVersion minimumversion languagecode generatedBy xmlns:xsi OrganizationVersion"
    " OrganizationSchemaType CRMServerServiceabilityVersion"
).split()
ROLE = "IsCustomizable IsAutoAssigned Description RolePrivileges".split()


def written(data):
    """How a document is written, as far as the profile forbids it: DTD, encoding, and nodes inside roles and solution.xml."""
    found, above = [], []
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        found.append("not UTF-8")
    parser = expat.ParserCreate()

    def node(what):
        def handler(*_):
            if "Roles" in above or "SolutionManifest" in above:
                found.append(f"{what} in {'/'.join(above[-2:])}")

        return handler

    def declared(version, encoding, _):
        if version != "1.0" or (encoding or "utf-8").lower() != "utf-8":
            found.append(f"declaration: version {version}, encoding {encoding}")

    parser.XmlDeclHandler = declared
    parser.StartDoctypeDeclHandler = lambda *_: found.append("a DTD")
    parser.StartElementHandler = lambda name, _: above.append(name)
    parser.EndElementHandler = lambda _: above.pop()
    parser.CommentHandler, parser.ProcessingInstructionHandler = node("comment"), node("instruction")
    parser.StartCdataSectionHandler = node("CDATA")
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError):
        found.append("no XML that expat reads")
    return found


def closed(element, children, attributes=()):
    """Doubles, unknown children and attributes, and text of an element that holds elements only."""
    names = [it[0] for it in facts.children(element)]
    found = [f"{element[0]}: `{name}` is unknown" for name in names if name not in children]
    found += [f"{element[0]}: `{name}` stands twice" for name in set(names) if names.count(name) > 1]
    found += [f"{element[0]}: attribute `{name}`" for name in element[1] if name not in attributes]
    return found + [f"{element[0]}: text {it!r}" for it in element[2:] if isinstance(it, str)]


def of_solution(root):
    """Offences in what names the solution."""
    found = closed(root, ["SolutionManifest"], ROOT)
    for manifest in facts.children(root):
        found += closed(manifest, MANIFEST)
        for it in facts.children(manifest):
            if it[0] == "Publisher":
                found += closed(it, PUBLISHER)
                found += [
                    f"Publisher/{leaf[0]}: element in a value"
                    for leaf in facts.children(it)
                    if "Name" in leaf[0] and leaf[0] != "LocalizedNames" and facts.children(leaf)
                ]
            elif it[0] in ("UniqueName", "Version", "Managed") and (
                it[1] or facts.children(it) or facts.text(it) != facts.text(it).strip()
            ):
                found.append(f"{it[0]}: more than a value")
            elif it[0] == "RootComponents":
                found += of_roots(it)
    return found


def of_roots(roots):
    """Offences in root components: each once, with known attributes, and no behavior but the three."""
    found, met = [], set()
    for it in facts.children(roots):
        found += closed(it, (), ("type", "id", "schemaName", "behavior", "parentId"))
        key = (it[1].get("type"), (it[1].get("id") or it[1].get("schemaName") or "").lower().strip("{}"))
        if key in met and key[1]:
            found.append(f"root component {key} stands twice")
        met.add(key)
        if it[1].get("behavior", "0") not in ("0", "1", "2"):
            found.append(f"root component {key}: behavior {it[1].get('behavior')!r}")
    return found


def of_customizations(root):
    """Offences in sections and roles."""
    found = []
    names = [it[0] for it in facts.children(root)]
    for name in names:
        if name.lower() in facts.SECTIONS and sum(it.lower() == name.lower() for it in names) > 1:
            found.append(f"section `{name}` stands twice")
    found += [
        f"section `{name}` in another case"
        for name in names
        if name.lower() in facts.SECTIONS and name not in facts.SPELT
    ]
    ids = []
    for section in (it for it in facts.children(root) if it[0] == "Roles"):
        found += [f"Roles: `{it[0]}`" for it in facts.children(section) if it[0] != "Role"]
        found += [f"Roles: text {it!r}" for it in section[2:] if isinstance(it, str)]
        for role in facts.children(section):
            found += of_role(role)
            ids.append(role[1].get("id", "").lower())
    return found + [f"role id {id} stands twice" for id in set(ids) if ids.count(id) > 1]


def of_role(role):
    """Offences in a role."""
    found = closed(role, ROLE, ("id", "name", "isinherited"))
    if not GUID.fullmatch(role[1].get("id", "")):
        found.append(f"role id {role[1].get('id')!r}")
    for group in (it for it in facts.children(role) if it[0] == "RolePrivileges"):
        privileges = facts.children(group)
        found += [f"RolePrivileges: `{it[0]}`" for it in privileges if it[0] != "RolePrivilege"]
        for it in privileges:
            found += closed(it, (), ("name", "level"))
            if not PRIVILEGE.fullmatch(it[1].get("name", "")) or it[1].get("level") not in LEVELS:
                found.append(f"privilege {it[1]!r}")
        names = [it[1].get("name", "").lower() for it in privileges]
        found += [f"privilege {name} stands twice" for name in set(names) if names.count(name) > 1]
    return found


FRAMES = {
    "environmentvariabledefinitions": (
        {"environmentvariablevalues", "environmentvariablevalue", "value", "iscustomizable"},
        3,
    ),
    "workflows": ({"properties", "connectionReferences", "definition"}, 2),
}


def of_json(folder, data):
    """Offences in a JSON part: what readers refuse or read in several ways."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return ["not UTF-8"]
    if text.startswith("\ufeff"):
        return ["a byte order mark"]
    found = []

    def members(pairs):
        names = [name for name, _ in pairs]
        found.extend(f"member `{name}` stands twice" for name in set(names) if names.count(name) > 1)
        return dict(pairs)

    def constant(name):
        found.append(f"`{name}`")

    try:
        document = json.loads(text, object_pairs_hook=members, parse_constant=constant)
        json.dumps(document, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        return found + [f"no JSON: {str(error)[:80]}"]
    known, depth = FRAMES.get(folder, (set(), 0))
    return found + list(misspelt(document, known, depth))


def misspelt(value, known, depth):
    """Names near the top that are equal to a known one, or to another one, but for their case."""
    if depth == 0 or not isinstance(value, dict):
        return
    lower = [name.lower() for name in value]
    for name, member in value.items():
        right = next((it for it in known if it.lower() == name.lower()), name)
        if right != name or lower.count(name.lower()) > 1:
            yield f"member `{name}` in another case"
        yield from misspelt(member, known, depth - 1)


def of_definition(root):
    """Offences in the definition of an environment variable."""
    values = {it[0]: facts.text(it) for it in facts.children(root)}
    found = []
    if values.get("type") not in [str(100_000_000 + it) for it in range(6)]:
        found.append(f"type {values.get('type')!r}")
    for name in ("isrequired", "secretstore"):
        if values.get(name, "0") not in ("0", "1"):
            found.append(f"{name} {values[name]!r}")
    return found


def offences(parts, reader):
    """Everything that a bundle's solution must not have."""
    found = []
    for name, data in parts:
        folder = name.split("/")[0].lower()
        if name.lower().endswith(".json") and folder in (*FRAMES, "connector"):
            found += [f"{name}: {it}" for it in of_json(folder, data)]
        if name.lower().endswith("/environmentvariabledefinition.xml") and reader["xml"].get(name):
            found += [f"{name}: {it}" for it in of_definition(reader["xml"][name])]
        if name in ("solution.xml", "customizations.xml"):
            found += [f"{name}: {it}" for it in written(data)]
    for wanted, check in (("solution.xml", of_solution), ("customizations.xml", of_customizations)):
        for root in facts.documents(reader, wanted):
            found += [f"{wanted}: {it}" for it in check(root)]
    return found
