"""Operators on security roles, and the spellings of ids, names and levels."""

from mutate import XML, NotHere, operator, pick, rewrite, swapped
from sections import append

MORE = '<RolePrivilege name="prvWriteRole" level="Global" />'
GUIDS = {
    "upper": lambda g: "{" + g.upper() + "}",
    "bare": lambda g: g,
    "parentheses": lambda g: f"({g})",
    "no hyphens": lambda g: g.replace("-", ""),
    "braces, no hyphens": lambda g: "{" + g.replace("-", "") + "}",
    "urn": lambda g: "urn:uuid:" + g,
    "blank before": lambda g: " {" + g + "}",
    "blank inside": lambda g: "{ " + g + " }",
    "blank behind": lambda g: "{" + g + "} ",
    "full-width": lambda g: "{" + g.replace(g[0], chr(0xFEE0 + ord(g[0]))) + "}",
    "0x": (
        lambda g: "{0x%s,0x%s,0x%s,{%s}}"
        % (g[:8], g[9:13], g[14:18], ",".join("0x" + (g[19:23] + g[24:])[i : i + 2] for i in range(0, 16, 2)))
    ),
    "two braces": lambda g: "{{" + g + "}}",
    "one brace": lambda g: "{" + g,
    "zero width": lambda g: "{" + g + "\u200b}",
    "empty": lambda g: "",
    "zeros": lambda g: "{00000000-0000-0000-0000-000000000000}",
    "line feed": lambda g: "{" + g + "}&#10;",
    "plus": lambda g: "{+" + g[1:] + "}",
    "hyphens moved": lambda g: "{" + g.replace("-", "", 1)[:9] + "-" + g.replace("-", "", 1)[9:] + "}",
    "short": lambda g: "{" + g[:-1] + "}",
}
NAMES = {
    "blank before": lambda n: " " + n,
    "blank behind": lambda n: n + " ",
    "no-break": lambda n: n + "\u00a0",
    "zero width": lambda n: n[:3] + "\u200b" + n[3:],
    "mark": lambda n: "\ufeff" + n,
    "soft hyphen": lambda n: n[:4] + "\u00ad" + n[4:],
    "cyrillic": lambda n: n.replace("a", "\u0430").replace("e", "\u0435"),
    "capitals": str.upper,
    "small": str.lower,
    "first letter": swapped,
    "tab": lambda n: n + "&#9;",
    "line feed": lambda n: n + "\n",
    "carriage return": lambda n: n + "&#13;",
    "right to left": lambda n: n + "\u202e",
    "combining": lambda n: n[:4] + "\u0301" + n[4:],
    "empty": lambda n: "",
    "references": lambda n: "".join(f"&#{ord(c)};" for c in n),
    "hex references": lambda n: f"&#x{ord(n[0]):x};{n[1:]}",
    "null": lambda n: n + "&#0;",
    "another": lambda n: "prvWriteUser",
    "hyphen": lambda n: n + "-",
    "slash": lambda n: n + "/x",
}
LEVELS = [
    "global",
    "GLOBAL",
    " Global",
    "Global ",
    "3",
    "8",
    "Organization",
    "None",
    "",
    "Global,Basic",
    "Gl\u043ebal",
    "&#71;lobal",
    "Global&#10;",
    "Deep",
    "0x8",
    "\u2167",
    "Basic Global",
]


def role(case, rng):
    """One of the roles, and the document."""
    document = case.document()
    found = document.all("Role", "Roles")
    if not found:
        raise NotHere
    return document, rng.choice(found)


def more(source):
    """The source of a role with one privilege more."""
    return (
        source.replace("</RolePrivileges>", MORE + "</RolePrivileges>")
        if "</RolePrivileges>" in source
        else source.replace("<RolePrivileges/>", f"<RolePrivileges>{MORE}</RolePrivileges>")
    )


@operator(XML)
def role_same_id(case, rng):
    """A second role with the same GUID."""
    document, it = role(case, rng)
    source = document.source(it)
    second = more(source)
    guid = it.attributes.get("id", "")
    written = pick(
        rng,
        case,
        {"same": lambda g: g, "upper": str.upper, "bare": lambda g: g.strip("{}"), "blank": lambda g: g + " "},
    )(guid)
    second = second.replace(f'id="{guid}"', f'id="{written}"', 1)
    case.say(document.with_source(it, source + second if rng.random() < 0.5 else second + source))


@operator(XML)
def role_same_name(case, rng):
    """A second role of the same name under another GUID."""
    document, it = role(case, rng)
    second = more(document.source(it)).replace(it.attributes.get("id", "?"), "{0badc0de-0000-4000-8000-0000000000a9}")
    case.say(document.with_source(it, document.source(it) + second))


@operator(XML)
def role_other_case(case, rng):
    """`<roles>`, `<role>`, `<roleprivileges>`, `<roleprivilege>` beside or instead of what is right."""
    document, it = role(case, rng)
    source = more(document.source(it))
    case.say(
        pick(
            rng,
            case,
            {
                "roles beside": lambda: append(document, f"<roles>{source}</roles>"),
                "ROLES beside": lambda: append(document, f"<ROLES>{source}</ROLES>"),
                "role beside": lambda: document.with_source(
                    it, document.source(it) + source.replace("<Role ", "<role ").replace("</Role>", "</role>")
                ),
                "list": lambda: document.with_source(
                    it, document.source(it).replace("RolePrivileges", "roleprivileges")
                ),
                "privilege": lambda: document.with_source(
                    it, source.replace(MORE, MORE.replace("RolePrivilege", "roleprivilege"))
                ),
                "second list": lambda: document.with_source(
                    it, document.source(it).replace("</Role>", f"<roleprivileges>{MORE}</roleprivileges></Role>")
                ),
                "second RolePrivileges": lambda: document.with_source(
                    it, document.source(it).replace("</Role>", f"<RolePrivileges>{MORE}</RolePrivileges></Role>")
                ),
                "second RolePrivileges before": lambda: document.with_source(
                    it, document.source(it).replace("<RolePrivileges", f"<RolePrivileges>{MORE}</RolePrivileges><RolePrivileges", 1)
                ),
            },
        )()
    )


@operator(XML)
def role_nested(case, rng):
    """A role inside a role, a group, a section of something else."""
    document, it = role(case, rng)
    source = more(document.source(it)).replace(it.attributes.get("id", "?"), "{0badc0de-0000-4000-8000-0000000000aa}")
    case.say(
        pick(
            rng,
            case,
            {
                "role": lambda: document.with_source(it, document.source(it).replace("</Role>", source + "</Role>")),
                "group": lambda: document.with_source(it, document.source(it) + f"<Group>{source}</Group>"),
                "privileges": lambda: document.with_source(
                    it, document.source(it).replace("</RolePrivileges>", source + "</RolePrivileges>")
                ),
                "unknown section": lambda: append(document, f"<Extra><Roles>{source}</Roles></Extra>"),
                "root": lambda: append(document, source),
            },
        )()
    )


@operator(XML)
def role_attribute(case, rng):
    """A further attribute of a role."""
    document, it = role(case, rng)
    case.say(
        document.with_attribute(
            it,
            pick(
                rng,
                case,
                {
                    "IsAutoAssigned": 'IsAutoAssigned="1"',
                    "isautoassigned": 'isautoassigned="1"',
                    "isinherited": 'isinherited="0"',
                    "IsInherited": 'IsInherited="1"',
                    "unknown": 'extra="1"',
                    "Id": 'Id="{0badc0de-0000-4000-8000-0000000000ac}"',
                    "Name": 'Name="Other"',
                    "namespaced": 'xmlns:w="urn:w" w:id="{0}"',
                    "roletemplateid": 'roletemplateid="{627090ff-40a3-4053-8790-584edc5be201}"',
                    "unmodified": 'unmodified="1"',
                    "solutionaction": 'solutionaction="Removed"',
                },
            ),
        )
    )


@operator(XML)
def role_child(case, rng):
    """Children of a role: other values, twice, unknown."""
    document, it = role(case, rng)
    source = document.source(it)
    rewrite(
        case,
        rng,
        document.with_source,
        it,
        {
            "auto-assigned": source.replace("<IsAutoAssigned>0", "<IsAutoAssigned>1"),
            "auto-assigned added": source.replace(
                "<RolePrivileges", "<IsAutoAssigned>1</IsAutoAssigned><RolePrivileges", 1
            ),
            "not customizable": source.replace("<IsCustomizable>1", "<IsCustomizable>0"),
            "twice": source.replace("<RolePrivileges", "<IsCustomizable>0</IsCustomizable><RolePrivileges", 1),
            "unknown": source.replace("</Role>", "<Extra>1</Extra></Role>"),
            "inherited": source.replace("</Role>", "<IsInherited>1</IsInherited></Role>"),
            "case": source.replace("IsCustomizable>", "iscustomizable>"),
            "template": source.replace(
                "</Role>", "<RoleTemplateId>627090ff-40a3-4053-8790-584edc5be201</RoleTemplateId></Role>"
            ),
        },
    )


@operator(XML)
def role_id(case, rng):
    """A role's GUID in another spelling."""
    document, it = role(case, rng)
    written = pick(rng, case, GUIDS)(it.attributes.get("id", "").strip("{}"))
    text = document.with_value(it, "id", written)
    case.say(text)


@operator(XML)
def role_name(case, rng):
    """A role's name in another spelling."""
    document, it = role(case, rng)
    case.say(document.with_value(it, "name", pick(rng, case, NAMES)(it.attributes.get("name", ""))))


@operator(XML)
def role_stray_text(case, rng):
    """Text, comments, instructions and CDATA inside roles."""
    document, it = role(case, rng)
    source = document.source(it)
    stray = pick(
        rng,
        case,
        {
            "text": "text",
            "comment": "<!-- c -->",
            "instruction": "<?p q?>",
            "cdata": '<![CDATA[<RolePrivilege name="prvWriteRole" level="Global"/>]]>',
            "no-break": "\u00a0",
            "reference": "&#32;",
            "zero width": "\u200b",
            "commented privilege": f"<!--{MORE}-->",
            "escaped": "&lt;b/&gt;",
        },
    )
    before = rng.choice(["<RolePrivileges", "</RolePrivileges>", "</Role>", "<Role "])
    if before not in source:
        raise NotHere
    case.say(document.with_source(it, source.replace(before, stray + before, 1)))


@operator(XML)
def role_namespaced(case, rng):
    """A role with a prefix or a namespace of its own."""
    document, it = role(case, rng)
    source = more(document.source(it))
    rewrite(
        case,
        rng,
        document.with_source,
        it,
        {
            "default": source.replace("<Role ", '<Role xmlns="urn:x" '),
            "default empty": source.replace("<Role ", '<Role xmlns="" '),
            "prefix": (
                document.source(it)
                + source.replace("<Role ", '<x:Role xmlns:x="urn:x" ').replace("</Role>", "</x:Role>")
            ),
            "prefixed list": (
                source.replace("<RolePrivileges>", '<x:RolePrivileges xmlns:x="urn:x">').replace(
                    "</RolePrivileges>", "</x:RolePrivileges>"
                )
            ),
            "declared": source.replace("<Role ", '<Role xmlns:x="urn:x" '),
        },
    )
