"""Operators on how a document is written: entities, namespaces, line ends, characters."""

import re

from mutate import CUSTOMIZATIONS, SOLUTION, TEXT, XML, NotHere, operator, pick, rewrite

MORE = '<RolePrivilege name="prvWriteRole" level="Global"/>'


def bare(text):
    """The text without mark and declaration."""
    return re.sub(r"^\ufeff?(<\?xml.*?\?>\s*)?", "", text, flags=re.S)


def any_part(rng):
    """Either of the two documents."""
    return rng.choice([CUSTOMIZATIONS, CUSTOMIZATIONS, SOLUTION])


@operator(TEXT)
def doctype(case, rng):
    """A DTD: entities in names and privileges, attributes that nobody wrote, external parts."""
    part = any_part(rng)
    text = bare(case.text(part))
    privilege = re.search(r'<RolePrivilege name="(prv[A-Za-z_]+)"', text)
    version = re.search(r"<Version>([^<]*)", text)
    choices = {
        "empty": ("", text),
        "attribute of the root": ('<!ATTLIST ImportExportXml extra CDATA "1">', text),
        "external": (
            '<!ENTITY x SYSTEM "file:///etc/hostname">',
            text.replace("</ImportExportXml>", "<Extra>&x;</Extra></ImportExportXml>"),
        ),
        "public": ('<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;', text),
        "content model": ("<!ELEMENT Roles (Role*)>", text),
        "names in dtd": ("<!NOTATION n SYSTEM 'n'>", text),
        "entity unused": ('<!ENTITY x "y">', text),
    }
    if privilege:
        choices["attribute of roles"] = ('<!ATTLIST Role IsAutoAssigned CDATA "1">', text)
        choices["level by default"] = (
            '<!ATTLIST RolePrivilege level CDATA "Global">',
            re.sub(r'(<RolePrivilege name="[^"]*") level="[^"]*"', r"\1", text, count=1),
        )
        choices["entity in a name"] = (f'<!ENTITY e "{privilege[1][3:]}">', text.replace(privilege[1], "prv&e;", 1))
        choices["entity with a privilege"] = (
            f"<!ENTITY e '{MORE}'>",
            text.replace("</RolePrivileges>", "&e;</RolePrivileges>", 1),
        )
        choices["normalized"] = (
            "<!ATTLIST RolePrivilege name NMTOKEN #REQUIRED>",
            text.replace(privilege[1], privilege[1] + " ", 1),
        )
    if version:
        choices["entity in the version"] = ('<!ENTITY e ".9">', text.replace(version[1], version[1] + "&e;", 1))
        choices["entity is the version"] = (f'<!ENTITY e "{version[1]}">', text.replace(version[1], "&e;", 1))
        choices["entities in entities"] = (
            '<!ENTITY a "9"><!ENTITY b "&a;&a;"><!ENTITY c "&b;&b;">',
            text.replace(version[1], version[1] + "&c;", 1),
        )
    subset, text = pick(rng, case, choices)
    case.write(f"<!DOCTYPE ImportExportXml [{subset}]>{text}", part)


@operator(XML)
def namespaces(case, rng):
    """Namespaces on the root or deeper."""
    part = any_part(rng)
    document = case.document(part)
    case.variants.append(part)
    root = document.root
    deeper = rng.choice(root.children) if root.children else root
    case.write(
        pick(
            rng,
            case,
            {
                "default": lambda: document.with_attribute(root, 'xmlns="urn:x"'),
                "prefix": lambda: document.with_source(
                    root,
                    document.renamed(root, "x:" + root.name).replace(
                        "<x:" + root.name, f'<x:{root.name} xmlns:x="urn:x"', 1
                    ),
                ),
                "declared": lambda: document.with_attribute(root, 'xmlns:x="urn:x"'),
                "default deeper": lambda: document.with_attribute(deeper, 'xmlns="urn:x"'),
                "none deeper": lambda: document.with_attribute(deeper, 'xmlns=""'),
                "prefix deeper": lambda: document.with_source(
                    deeper,
                    document.renamed(deeper, "x:" + deeper.name).replace(
                        "<x:" + deeper.name, f'<x:{deeper.name} xmlns:x="urn:x"', 1
                    ),
                ),
                "undeclared": lambda: document.with_source(deeper, document.renamed(deeper, "x:" + deeper.name)),
                "space": lambda: document.with_attribute(deeper, 'xml:space="preserve"'),
                "lang": lambda: document.with_attribute(deeper, 'xml:lang="en"'),
                "base": lambda: document.with_attribute(deeper, 'xml:base="urn:x"'),
            },
        )(),
        part,
    )


@operator(TEXT)
def line_ends(case, rng):
    """Line ends of a whole document."""
    part = any_part(rng)
    case.write(
        pick(
            rng,
            case,
            {
                "CRLF": lambda t: t.replace("\r\n", "\n").replace("\n", "\r\n"),
                "CR": lambda t: t.replace("\r\n", "\n").replace("\n", "\r"),
                "none": lambda t: re.sub(r">\s+<", "><", t),
                "tabs": lambda t: t.replace("  ", "\t"),
                "next line": lambda t: t.replace("\n", "\u0085", 1),
                "blank lines": lambda t: t.replace("\n", "\n\n"),
                "line separator": lambda t: t.replace("\n", "\u2028", 1),
            },
        )(case.text(part)),
        part,
    )


@operator(XML)
def line_ends_in_values(case, rng):
    """Line ends and tabs in attributes and texts."""
    part = any_part(rng)
    document = case.document(part)
    odd = pick(
        rng,
        case,
        {
            "LF": "a\nb",
            "CRLF": "a\r\nb",
            "CR": "a\rb",
            "tab": "a\tb",
            "LF by reference": "a&#10;b",
            "CR by reference": "a&#13;b",
            "tab by reference": "a&#9;b",
            "next line": "a\u0085b",
            "two blanks": "a  b",
            "blank at the end": "a ",
            "line separator": "a\u2028b",
        },
    )
    some = [it for it in document.elements if it.attributes and not it.name.startswith("ImportExport")]
    leaves = [it for it in document.elements if not it.children and not it.empty and document.content(it)]
    if rng.random() < 0.5 and some:
        it = rng.choice(some)
        attribute = rng.choice(sorted(it.attributes))
        case.variants.append(f"{it.name}@{attribute}")
        case.write(document.with_value(it, attribute, odd), part)
    elif leaves:
        it = rng.choice(leaves)
        case.variants.append(it.name)
        case.write(document.with_content(it, odd), part)
    else:
        raise NotHere


@operator(XML)
def odd_characters(case, rng):
    """Characters that XML does not have or that readers treat differently."""
    part = any_part(rng)
    document = case.document(part)
    some = [it for it in document.elements if it.attributes.get("name") or it.attributes.get("description")]
    if not some:
        raise NotHere
    it = rng.choice(some)
    attribute = "name" if it.attributes.get("name") else "description"
    odd = pick(
        rng,
        case,
        {
            "null": "&#0;",
            "one": "&#1;",
            "surrogate": "&#xD800;",
            "raw surrogate": "\ud800",
            "raw control": "\x01",
            "FFFE": "\ufffe",
            "FFFF by reference": "&#xFFFF;",
            "beyond": "&#x110000;",
            "pair": "&#xD83D;&#xDE00;",
            "emoji": "\U0001f600",
            "delete": "\x7f",
            "C1": "\x81",
            "bare ampersand": "&",
            "unknown entity": "&nbsp;",
            "less": "<",
            "greater": ">",
            "]]>": "]]>",
            "full stop": "&#46;",
            "huge": "&#99999999999;",
        },
    )
    case.write(document.with_value(it, attribute, "a" + odd), part)


@operator(TEXT)
def around_the_root(case, rng):
    """What stands before and behind the root."""
    part = any_part(rng)
    text = bare(case.text(part))
    case.put(
        part,
        pick(
            rng,
            case,
            {
                "NUL behind": text + "\0",
                "blanks behind": text + " \n\t",
                "comment behind": text + "<!-- c -->",
                "text behind": text + "text",
                "root behind": text + "<a/>",
                "instruction behind": text + "<?p?>",
                "comment before": "<!-- c -->" + text,
                "blank before": "\n " + text,
                "text before": "text" + text,
                "mark behind": text + "\ufeff",
                "twice": text + text,
                "control-z": text + "\x1a",
            },
        ).encode(),
    )


@operator(XML)
def syntax(case, rng):
    """Small offences against the grammar that some readers let pass, and other spellings of the same."""
    part = any_part(rng)
    document = case.document(part)
    some = [it for it in document.elements if it.attributes]
    it = rng.choice(some)
    source = document.source(it)
    name = sorted(it.attributes)[0]
    rewrite(
        case,
        rng,
        document.with_source,
        it,
        {
            "attribute twice": source.replace(f"<{it.name}", f'<{it.name} {name}="x"', 1),
            "blank in the tag": source.replace(f"<{it.name}", f"<{it.name}\n\t ", 1),
            "single quotes": re.sub(rf' {re.escape(name)}="([^"\']*)"', rf" {name}='\1'", source, count=1),
            "no quotes": re.sub(rf' {re.escape(name)}="([^"]*)"', rf" {name}=\1", source, count=1),
            "blank at equals": source.replace(f'{name}="', f'{name} = "', 1),
            "comment": f"<!-- c -->{source}",
            "comment with --": f"<!-- -- -->{source}",
            "instruction": f"<?p?>{source}",
            "no blank between": source.replace('" ', '"', 1),
            "xml instruction": f"<?xml?>{source}",
            "end tag with blank": source.replace(f"</{it.name}>", f"</{it.name} >"),
        },
        part,
        raw=True,
    )
