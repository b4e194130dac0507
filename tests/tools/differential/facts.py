"""What a package says, taken from any reader's trees, and from what `dvpack inspect` shows.

The search is wide on purpose: names are compared without case and at any depth, so that whatever Dataverse could take for a role, a
version or a publisher is found. Where dvpack shows less, the two differ.
"""

import re

GUID = re.compile(
    r"[({]?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})[)}]?|([0-9a-f]{32})", re.I | re.A
)
SPELT = set(
    (
        "Entities Roles Workflows FieldSecurityProfiles Templates EntityImageConfigs AttributeImageConfigs"
        " ConnectionRoles EntityMaps EntityRelationships EnvironmentVariables OrganizationSettings optionsets Reports"
        " RoutingRules Dashboards InteractionCentricDashboards Dialogs WebResources CustomControls"
        " SolutionPluginAssemblies SdkMessageProcessingSteps ServiceEndpoints AppModuleSiteMaps AppModules"
        " EntityDataProviders EntityDataSources CanvasApps Connectors AIModels connectionreferences msdyn_dataflows"
    ).split()
)
SECTIONS = {name.lower() for name in SPELT}


def guid(text):
    """A GUID as .NET reads it, in one spelling; other text as it is."""
    found = GUID.fullmatch(text.strip())
    if not found:
        return text
    bare = (found[1] or found[2]).replace("-", "").lower()
    return f"{bare[:8]}-{bare[8:12]}-{bare[12:16]}-{bare[16:20]}-{bare[20:]}"


def children(element):
    """The elements in an element."""
    return [it for it in element[2:] if isinstance(it, list)]


def text(element):
    """All text in an element, as InnerText gives it."""
    return "".join(it if isinstance(it, str) else text(it) for it in element[2:])


def walk(element, above=()):
    """Every element with those above it."""
    yield element, above
    for child in children(element):
        yield from walk(child, (*above, element))


def is_named(element, name):
    """Whether an element has this name, without case and prefix."""
    return element[0].lower().split(":")[-1] == name


def attribute(element, name):
    """An attribute's value, whatever the case of its name."""
    return next((value for key, value in element[1].items() if key.lower() == name), None)


def values(elements, name):
    """The texts of all children of this name."""
    return [text(it) for element in elements for it in children(element) if is_named(it, name)]


def documents(reader, wanted):
    """Trees of the parts whose name is this one without case."""
    return [tree for name, tree in reader["xml"].items() if name.lower() == wanted and tree is not None]


def roles_of(root):
    """Roles and privileges, and privileges outside of any role."""
    roles, stray = [], []
    for element, above in walk(root):
        if is_named(element, "role") and above and (is_named(above[-1], "roles") or has_privileges(element)):
            own = [
                it
                for it, between in walk(element)
                if is_named(it, "roleprivilege") and not any(is_named(other, "role") for other in between[1:])
            ]
            privileges = sorted((attribute(it, "name") or "", attribute(it, "level") or "") for it in own)
            roles.append((guid(attribute(element, "id") or ""), attribute(element, "name") or "", tuple(privileges)))
        elif is_named(element, "roleprivilege") and not any(is_named(it, "role") for it in above):
            stray.append((attribute(element, "name") or "", attribute(element, "level") or ""))
    return sorted(roles), sorted(stray)


def has_privileges(element):
    """Whether there is a privilege somewhere below."""
    return any(is_named(it, "roleprivilege") for it, _ in walk(element))


def processes_of(root):
    """What runs by itself, at any depth: (id, name, whether it is on, where it says so)."""
    found = []
    for element, above in walk(root):
        if not above:
            continue
        if is_named(element, "workflow") and is_named(above[-1], "workflows"):
            states = values([element], "statecode")
            on = (states[0].strip() == "1") if len(states) == 1 else (None if not states else tuple(states))
            found.append((guid(attribute(element, "workflowid") or ""), attribute(element, "name") or "", on))
        elif is_named(element, "sdkmessageprocessingstep") and is_named(above[-1], "sdkmessageprocessingsteps"):
            found.append(
                (guid(attribute(element, "sdkmessageprocessingstepid") or ""), attribute(element, "name") or "", True)
            )
    return sorted(found, key=repr)


RIGHTS = {
    ("canread", "4"): "read",
    ("cancreate", "4"): "create",
    ("canupdate", "4"): "update",
    ("canreadunmasked", "1"): "read unmasked, one row at a time",
    ("canreadunmasked", "3"): "read unmasked",
}


def profiles_of(root):
    """What column security profiles allow: (id, name, table.column, rights)."""
    found = []
    for element, _ in walk(root):
        if is_named(element, "fieldsecurityprofile"):
            own = (guid(attribute(element, "fieldsecurityprofileid") or ""), attribute(element, "name") or "")
            for it, _ in walk(element):
                if is_named(it, "fieldpermission"):
                    column = ".".join(
                        "|".join(text.strip().lower() for text in values([it], name))
                        for name in ("entityname", "attributename")
                    )
                    rights = [
                        RIGHTS.get((child[0].lower(), text(child).strip()), f"{child[0]} = {text(child)}")
                        for child in children(it)
                        if child[0].lower().startswith("can") and text(child).strip() != "0"
                    ]
                    found.append((*own, column, tuple(sorted(rights))))
    return sorted(found)


def secured_of(root):
    """The columns that are secured: table.column."""
    found = set()
    for entity, _ in walk(root):
        if is_named(entity, "entity") and any(is_named(it, "entityinfo") for it in children(entity)):
            table = "|".join(text.strip().lower() for text in values([entity], "name"))
            for it, above in walk(entity):
                if is_named(it, "attribute") and above and is_named(above[-1], "attributes"):
                    if any(flag.strip() == "1" for flag in values([it], "issecured")):
                        names = values([it], "logicalname") or [attribute(it, "physicalname") or ""]
                        found.add(f"{table}.{'|'.join(names).strip().lower()}")
    return sorted(found)


def items_of(root):
    """(section, keys) of whatever stands in an element that is called as a section, at any depth."""
    found = []
    for element, above in walk(root):
        if above and above[-1][0].lower() in SECTIONS:
            keys = {guid(value) for value in element[1].values()} | {
                guid(text(it)) for it in children(element) if not children(it)
            }
            found.append((above[-1][0].lower(), element[0], frozenset(key for key in keys if key)))
    return found


def of_trees(reader):
    """The facts in a reader's trees, or why there are none."""
    if reader["error"]:
        return {"refused": reader["error"]}
    solutions, customizations = documents(reader, "solution.xml"), documents(reader, "customizations.xml")
    if len(solutions) != 1 or len(customizations) != 1:
        return {"refused": "no solution.xml or customizations.xml that can be read"}
    everything = [it for it, _ in walk(solutions[0])]
    manifests = [it for it in everything if is_named(it, "solutionmanifest")]
    publishers = [it for it in everything if is_named(it, "publisher")]
    roles, stray = roles_of(customizations[0])
    more, further = roles_of(solutions[0])
    variables = [
        (attribute(tree, "schemaname") or "", tuple(values([tree], "defaultvalue")))
        for name, tree in reader["xml"].items()
        if tree is not None and name.lower().endswith("/environmentvariabledefinition.xml")
    ]
    connections = [
        (attribute(it, "connectionreferencelogicalname"), tuple(values([it], "connectorid")))
        for it, _ in walk(customizations[0])
        if is_named(it, "connectionreference") and attribute(it, "connectionreferencelogicalname") is not None
    ]
    names = [it for it in everything if is_named(it, "localizedname")]
    return {
        "name": values(manifests, "uniquename"),
        "version": values(manifests, "version"),
        "managed": values(manifests, "managed"),
        "publisher": values(publishers, "uniquename"),
        "prefix": values(publishers, "customizationprefix"),
        "display names": sorted({attribute(it, "description") or "" for it in names}),
        "roles": sorted(roles + more),
        "stray privileges": sorted(stray + further),
        "variables": sorted(variables),
        "connections": sorted(connections),
        "processes": processes_of(customizations[0]),
        "column security": profiles_of(customizations[0]),
        "secured columns": secured_of(customizations[0]),
        "items": items_of(customizations[0]) + items_of(solutions[0]),
    }


def of_inspect(said):
    """The same from `inspect --format json`, where it shows that."""
    solution = said["solutions"][0]
    publisher = solution.get("publisher") or {}
    shown = [(guid(it.get("id") or ""), it.get("name") or "") for it in solution.get("components", [])]
    # Those that stand inside of other items are no components.
    shown += [
        (guid(it["id"]), it["name"])
        for it in solution.get("processes", [])
        if not any(guid(it["id"]) == known for known, _ in shown)
    ]
    return {
        "name": [solution["name"]],
        "version": [solution["version"]],
        "managed": [{True: "1", False: "0"}.get(solution["managed"], "")],
        "publisher": [publisher.get("name") or ""],
        "prefix": [publisher.get("prefix") or ""],
        "display names": [solution.get("displayName") or "", publisher.get("displayName") or ""],
        "roles": sorted(
            (guid(it["id"]), it["name"], tuple(sorted((p["name"], p["level"]) for p in it["privileges"])))
            for it in said["roles"]
        ),
        "stray privileges": [],
        "variables": sorted(
            (it["name"], (it["default"],) if it.get("default") else ())
            for it in solution.get("environmentVariables", [])
        ),
        "connections": sorted(
            (it["name"], (it["connector"],) if it.get("connector") else ())
            for it in solution.get("connectionReferences", [])
        ),
        "processes": sorted(
            ((guid(it["id"]), it["name"], it.get("on")) for it in solution.get("processes", [])), key=repr
        ),
        "column security": sorted(
            (guid(profile["id"]), profile["name"], f"{it['table']}.{it['column']}", tuple(sorted(it["rights"])))
            for profile in solution.get("columnSecurityProfiles", [])
            for it in profile["permissions"]
        ),
        "secured columns": sorted(solution.get("securedColumns", [])),
        "option prefix": publisher.get("optionValuePrefix"),
        "components": shown,
        "listed": listed(said),
    }


# Lists of what inspect understands, and of what every solution has; a change in another list says "not understood".
KNOWN_LISTS = set(
    "components environmentVariables connectionReferences roles solutions settings privileges parts files entries hosts sections"
    " rootComponents signers processes connectors requires labels organizationSettings columnSecurityProfiles"
    " securedColumns".split()
)


def listed(said):
    """What `inspect` lists beyond what it understands: every text in the lists that this tool does not know by name."""
    found = []
    for holder in [said, *said.get("solutions", [])]:
        for key, value in holder.items():
            if isinstance(value, list) and key not in KNOWN_LISTS:
                found += [f"{key}: {it}" for it in value]
    return sorted(found)


def hidden_items(trees, shown):
    """Items that dvpack's list of components does not name, as a list of (section, element)."""
    left = list(shown["components"])
    hidden = []
    # Those with few keys first: a relationship names its tables, too, and would take their place.
    for section, element, keys in sorted(trees["items"], key=lambda it: len(it[2])):
        match = next((it for it in left if it[0] in keys or it[1] in keys), None)
        if match is None:
            hidden.append((section, element))
        else:
            left.remove(match)
    return hidden
