"""What a bundle's solution must keep to, whoever reads it: the strict profile, checked by expat and without dvpack's table.

What names the solution (solution.xml) and roles are closed; elsewhere sections must be spelt right and stand once, items must be known
by something, elements have elements or one text, and columns and permissions say each thing once. JSON parts
that Dataverse reads are checked by Python's reader of JSON, and types and flags of environment variables by their few values.
"""

import json
import re
from urllib.parse import unquote
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
            # Only what no reader reads apart from its section may have CDATA: the writer makes none of it.
            if what != "CDATA" or "Roles" in above or "SolutionManifest" in above:
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
    if not re.fullmatch("[1-9][0-9]{3,4}", root[1].get("languagecode", ""), re.A):
        found.append(f"languagecode {root[1].get('languagecode')!r}")
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
            elif it[0] == "Version" and not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){1,3}", facts.text(it), re.A):
                found.append(f"Version {facts.text(it)!r}")
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


NIL = re.compile(r"(.*:)?nil", re.I)
KEYS = {
    "Workflows": ("@WorkflowId", "@Name", "Category"),
    "SdkMessageProcessingSteps": ("@SdkMessageProcessingStepId", "@Name"),
    "ServiceEndpoints": ("@ServiceEndpointId", "@Name"),
    "connectionreferences": ("@connectionreferencelogicalname", "connectorid"),
    "FieldSecurityProfiles": ("@fieldsecurityprofileid", "@name"),
    "SolutionPluginAssemblies": ("@FullName",),
    "Entities": ("Name",),
    "WebResources": ("WebResourceId", "Name"),
    "optionsets": ("@Name",),
}
SINGLE = ("OrganizationSettings", "Templates", "SiteMap", "ConnectionRoles")
FILES = ("JsonFileName", "XamlFileName", "FileName")


def of_elements(root):
    """Elements with text and elements, or with content and the word that they have none."""
    found = []
    for element, _ in facts.walk(root):
        texts = [it for it in element[2:] if isinstance(it, str)]
        if texts and facts.children(element):
            found.append(f"{element[0]}: text {texts[0][:40]!r} and elements")
        if element[2:] and any(NIL.fullmatch(name) for name in element[1]):
            found.append(f"{element[0]}: content and nil")
    return found


def value_at(element, path):
    """An attribute or the text of a child."""
    if path.startswith("@"):
        return element[1].get(path[1:])
    return next((facts.text(it) for it in facts.children(element) if it[0] == path), None)


def doubles(what, keys):
    """Keys that are there twice, without case."""
    lower = [tuple((part or "").strip("{} ").lower() for part in key) for key in keys]
    return [f"{what} {key} stands twice" for key in set(lower) if lower.count(key) > 1]


def of_items(root):
    """Items without what they are known by, columns and permissions that stand twice or have two values."""
    found = []
    for element, above in facts.walk(root):
        if not above:
            continue
        keys = KEYS.get(above[-1][0], ()) if len(above) == 2 or element[0] == "Workflow" else ()
        found += [f"{element[0]}: no {key}" for key in keys if not (value_at(element, key) or "").strip()]
        states = [value_at(element, name) is None for name in ("StateCode", "StatusCode")]
        if element[0] == "Workflow" and states[0] != states[1]:
            found.append("Workflow: one of StateCode and StatusCode")
        if len(above) == 1 and element[0] in SINGLE:
            names = [it[0] for it in facts.children(element)]
            found += [f"{element[0]}: `{name}` stands twice" for name in set(names) if names.count(name) > 1]
        if element[0] == "attributes" and above[-1][0] == "entity":
            columns = facts.children(element)
            for key in ("@PhysicalName", "LogicalName"):
                found += doubles(f"column by {key}", [(value_at(it, key),) for it in columns])
            for it in columns:
                names = [value_at(it, key) for key in ("@PhysicalName", "LogicalName", "Name")]
                if len({name.lower() for name in names if name is not None}) > 1:
                    found.append(f"column with the names {names}")
                flags = [facts.text(child) for child in facts.children(it) if child[0].lower() == "issecured"]
                if len(flags) > 1 or flags not in ([], ["0"], ["1"]):
                    found.append(f"column {names[0]}: IsSecured {flags}")
        if element[0] == "FieldPermissions":
            permissions = facts.children(element)
            found += doubles("permission", [[value_at(it, key) for key in ("EntityName", "AttributeName")] for it in permissions])
            found += [
                f"permission: {child[0]} {facts.text(child)!r}"
                for it in permissions
                for child in facts.children(it)
                if child[0].startswith("Can")
                and facts.text(child) not in (("0", "1", "3") if child[0] == "CanReadUnmasked" else ("0", "4"))
            ]
    return found


def of_files(root, names):
    """Files of items that are not there, or that two items name."""
    named = [
        facts.text(it)
        for section in facts.children(root)
        if section[0] in ("Workflows", "WebResources", "SolutionPluginAssemblies", "CustomControls")
        for item in facts.children(section)
        for it in facts.children(item)
        if it[0] in FILES
    ]
    parts = {unquote(name).lower() for name in names}
    found = doubles("file", [(name.strip().lstrip("/"),) for name in named])
    return found + [f"file {name!r}" for name in named if not name.startswith("/") or name[1:].lower() not in parts]


def of_customizations(root):
    """Offences in sections and roles."""
    found = of_elements(root) + of_items(root)
    languages = [facts.text(it) for section in facts.children(root) if section[0] == "Languages" for it in section[2:]]
    found += doubles("language", [(it,) for it in languages])
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
    for root in facts.documents(reader, "customizations.xml"):
        found += [f"customizations.xml: {it}" for it in of_files(root, [name for name, _ in parts])]
    return found
