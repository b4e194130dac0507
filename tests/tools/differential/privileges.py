"""Operators on the privileges of roles."""

from mutate import XML, NotHere, operator, pick, rewrite
from roles import LEVELS, MORE, NAMES, more, role
from sections import append


def privilege(case, rng):
    """One of the privileges, and the document."""
    document = case.document()
    found = [it for it in document.all("RolePrivilege") if "name" in it.attributes]
    if not found:
        raise NotHere
    return document, rng.choice(found)


@operator(XML)
def privileges_second_list(case, rng):
    """A second list of privileges."""
    document, it = role(case, rng)
    source = document.source(it)
    rewrite(
        case,
        rng,
        document.with_source,
        it,
        {
            "behind": source.replace("</Role>", f"<RolePrivileges>{MORE}</RolePrivileges></Role>"),
            "before": source.replace(
                "<RolePrivileges>", f"<RolePrivileges>{MORE}</RolePrivileges><RolePrivileges>", 1
            ),
            "empty before": source.replace("<RolePrivileges>", "<RolePrivileges/><RolePrivileges>", 1),
            "empty behind": source.replace("</Role>", "<RolePrivileges/></Role>"),
            "inside": source.replace(
                "</RolePrivileges>", f"<RolePrivileges>{MORE}</RolePrivileges></RolePrivileges>", 1
            ),
        },
    )


@operator(XML)
def privilege_stray(case, rng):
    """A privilege where none belongs."""
    document, it = role(case, rng)
    source = document.source(it)
    case.write(
        pick(
            rng,
            case,
            {
                "role": lambda: document.with_source(it, source.replace("</Role>", MORE + "</Role>")),
                "roles": lambda: document.with_source(it, source + MORE),
                "root": lambda: append(document, MORE),
                "group": lambda: document.with_source(
                    it, source.replace("</RolePrivileges>", f"<Group>{MORE}</Group></RolePrivileges>")
                ),
                "privilege": lambda: document.with_source(
                    it,
                    source.replace(
                        "</RolePrivileges>", MORE.replace(" />", f">{MORE}</RolePrivilege>") + "</RolePrivileges>"
                    ),
                ),
            },
        )()
    )


@operator(XML)
def privilege_gained(case, rng):
    """One privilege more, as a role should have it: a control, which `verify` accepts and `diff` shows."""
    document, it = role(case, rng)
    if "prvWriteRole" in document.source(it):
        raise NotHere
    case.write(document.with_source(it, more(document.source(it))))


@operator(XML)
def privilege_twice(case, rng):
    """A privilege once more, alike or with another level or case."""
    document, it = privilege(case, rng)
    name, level = it.attributes["name"], it.attributes.get("level", "")
    second = pick(
        rng,
        case,
        {
            "alike": (name, level),
            "deeper": (name, "Global"),
            "basic": (name, "Basic"),
            "case": (name.upper(), "Global"),
            "blank": (name + " ", "Global"),
        },
    )
    case.write(
        document.with_source(it, document.source(it) + f'<RolePrivilege name="{second[0]}" level="{second[1]}" />')
    )


@operator(XML)
def privilege_name(case, rng):
    """A privilege's name in another spelling."""
    document, it = privilege(case, rng)
    case.write(document.with_value(it, "name", pick(rng, case, NAMES)(it.attributes["name"])))


@operator(XML)
def privilege_level(case, rng):
    """A privilege's level in another spelling."""
    document, it = privilege(case, rng)
    level = rng.choice(LEVELS)
    case.variants.append(repr(level))
    case.write(document.with_value(it, "level", level))


@operator(XML)
def privilege_attribute(case, rng):
    """A further attribute or child of a privilege."""
    document, it = privilege(case, rng)
    source = document.source(it)
    rewrite(
        case,
        rng,
        document.with_source,
        it,
        {
            "unknown": source.replace("<RolePrivilege", '<RolePrivilege extra="1"'),
            "Level": source.replace("<RolePrivilege", '<RolePrivilege Level="Global"'),
            "Name": source.replace("<RolePrivilege", '<RolePrivilege Name="prvWriteRole"'),
            "no level": source.replace(" level=", " Level="),
            "namespaced": source.replace("<RolePrivilege", '<RolePrivilege xmlns:z="urn:z" z:level="Global"'),
            "id": source.replace(
                "<RolePrivilege", '<RolePrivilege id="{0badc0de-0000-4000-8000-0000000000ab}"'
            ),
            "text": document.renamed(it, it.name).replace("/>", ">text</RolePrivilege>"),
            "no name": source.replace(" name=", " privilege="),
        },
    )
