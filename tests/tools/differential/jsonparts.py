"""Operators on JSON parts: cloud flows, values of environment variables, definitions of custom connectors."""

import re

from mutate import PARTS, TYPES, XML, NotHere, operator, pick

VALUES = '{"environmentvariablevalues":{"environmentvariablevalue":{"iscustomizable":"1","value":"https://value.example.net"}}}'


def is_document(name):
    """Whether Dataverse reads a part as JSON."""
    lower = name.lower()
    return lower.endswith(".json") and lower.split("/")[0] in ("workflows", "connector", "environmentvariabledefinitions")


def part(case, rng):
    """A JSON part, or the values of a variable that has none yet."""
    found = [name for name, data in case.parts if is_document(name) and data.lstrip()[:1] == b"{"]
    if found and rng.random() < 0.7:
        return rng.choice(found)
    folders = [
        name.rsplit("/", 1)[0]
        for name, _ in case.parts
        if name.startswith("environmentvariabledefinitions/") and name.endswith("/environmentvariabledefinition.xml")
    ]
    if not folders:
        raise NotHere
    name = f"{rng.choice(folders)}/environmentvariablevalues.json"
    if not any(known.lower() == name.lower() for known, _ in case.parts):
        case.add(name, VALUES)
        types = case.part(TYPES)
        if b'Extension="json"' not in types:
            more = b'<Default Extension="json" ContentType="application/octet-stream" /></Types>'
            case.put(TYPES, types.replace(b"</Types>", more))
    return name


def flow(case, rng):
    """A flow with at least one connection reference, and its text."""
    found = [
        name
        for name, data in case.parts
        if name.lower().startswith("workflows/") and b'"connectionReferences"' in data and b'"apiId"' in data
    ]
    if not found:
        raise NotHere
    name = rng.choice(found)
    return name, case.text(name)


@operator(PARTS)
def json_text(case, rng):
    """How a JSON part is written: marks, encodings, text behind it, comments, what only some readers take."""
    name = part(case, rng)
    text = case.text(name)
    start = text.index("{")
    inside = f"{text[:start]}{{%s{text[start + 1:]}"
    case.put(
        name,
        pick(
            rng,
            case,
            {
                "mark": lambda: text.encode("utf-8-sig"),
                "two marks": lambda: ("\ufeff\ufeff" + text).encode(),
                "utf-16": lambda: text.encode("utf-16"),
                "utf-16 without mark": lambda: text.encode("utf-16-le"),
                "big": lambda: b"\xfe\xff" + text.encode("utf-16-be"),
                "utf-32": lambda: text.encode("utf-32"),
                "latin-1": lambda: (inside % '"ä":1,').encode("latin-1", "replace"),
                "text behind": lambda: (text + " x").encode(),
                "a second document": lambda: (text + text).encode(),
                "a zero behind": lambda: text.encode() + b"\0",
                "comment": lambda: ("// c\n" + text).encode(),
                "comment inside": lambda: (inside % "/* c */").encode(),
                "a comma too many": lambda: (text.rstrip()[:-1] + ",}").encode(),
                "NaN": lambda: (inside % '"x":NaN,').encode(),
                "single quotes": lambda: (inside % "'x':1,").encode(),
                "no quotes": lambda: (inside % "x:1,").encode(),
                "lone surrogate": lambda: (inside % '"x":"\\ud800",').encode(),
                "line feed in a text": lambda: (inside % '"x":"a\nb",').encode(),
                "leading zero": lambda: (inside % '"x":01,').encode(),
            },
        )(),
    )


@operator(PARTS)
def json_members(case, rng):
    """Members twice, in another case, or both."""
    name = part(case, rng)
    text = case.text(name)
    known = re.findall(
        r'"(properties|connectionReferences|definition|api|connection|host|apiId|connectionName|swagger|paths|value'
        r'|environmentvariablevalues?)"\s*:',
        text,
    )
    if not known:
        raise NotHere
    member = rng.choice(known)
    other = "{}" if member not in ("apiId", "connectionName", "swagger", "value") else '"https://other.example.net"'
    capital = member[0].upper() + member[1:]
    first = re.compile(rf'"{member}"\s*:')
    case.write(
        pick(
            rng,
            case,
            {
                "twice, before": lambda: first.sub(lambda it: f'"{member}":{other},{it[0]}', text, count=1),
                "twice, escaped": lambda: first.sub(
                    lambda it: f'"\\u{ord(member[0]):04x}{member[1:]}":{other},{it[0]}', text, count=1
                ),
                "capital": lambda: first.sub(f'"{capital}":', text, count=1),
                "upper": lambda: first.sub(f'"{member.upper()}":', text, count=1),
                "capital, before": lambda: first.sub(lambda it: f'"{capital}":{other},{it[0]}', text, count=1),
                "data twice": lambda: text.replace("{", '{"x":1,"x":2,', 1),
                "data in another case": lambda: text.replace("{", '{"x":1,"X":2,', 1),
            },
        )(),
        name,
    )


@operator(XML)
def flow_connector(case, rng):
    """A connector that a flow names, in each place where it can: a reviewer must be shown it."""
    name, text = flow(case, rng)
    number = rng.randrange(10**6)
    moved = f"shared_moved{number}"
    identifier = f"/providers/Microsoft.PowerApps/apis/{moved}"
    changed = pick(
        rng,
        case,
        {
            "apiId": re.sub(r'("apiId"\s*:\s*")[^"]*"', rf'\g<1>{identifier}"', text, count=1),
            "apiId escaped": re.sub(
                r'("apiId"\s*:\s*")[^"]*"',
                lambda it: it[1] + identifier.replace("/", "\\/").replace("moved", "\\u006doved") + '"',
                text,
                count=1,
            ),
            "connectionName": re.sub(r'("connectionName"\s*:\s*")[^"]*"', rf'\g<1>{moved}"', text, count=1),
            "api.id": re.sub(r'("api"\s*:\s*\{)', rf'\g<1>"id":"{identifier}",', text, count=1),
            "api.name": re.sub(r'("api"\s*:\s*\{[^}]*?"name"\s*:\s*")[^"]*"', rf'\g<1>{moved}"', text, count=1),
            "a second list": text.replace(
                "{", f'{{"more":{{"connectionReferences":{{"k":{{"api":{{"name":"{moved}"}}}}}}}},', 1
            ),
        },
    )
    if changed == text:
        raise NotHere
    case.write(changed, name)
    # Where an action names its connector, the name of its connection says nothing more.
    if case.variants[-1] != "connectionName":
        case.must_show.append(moved)


@operator(PARTS)
def carried_document(case, rng):
    """An XML document in a folder that nobody knows, in an encoding that it declares, true or not."""
    declared, codec = pick(
        rng,
        case,
        {
            "utf-8": ("utf-8", "utf-8"),
            "iso-8859-1": ("iso-8859-1", "latin-1"),
            "ISO-8859-1": ("ISO-8859-1", "latin-1"),
            "us-ascii": ("us-ascii", "ascii"),
            "latin-1 as ascii": ("us-ascii", "latin-1"),
            "latin-1 undeclared": (None, "latin-1"),
            "latin-1 as utf-8": ("utf-8", "latin-1"),
            "windows-1252": ("windows-1252", "cp1252"),
            "utf-7": ("utf-7", "utf-7"),
            "utf-16 in utf-8": ("utf-16", "utf-8"),
            "IBM037": ("IBM037", "cp037"),
        },
    )
    letter = "a" if codec == "ascii" else "ä"
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    case.add("Data/rows.xml", f"{declaration}<rows><row>{letter}+ADw-b/+AD4-</row></rows>".encode(codec))
