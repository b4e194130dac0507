"""Operators on parts and on the zip around them."""

import re
import struct

from mutate import CUSTOMIZATIONS, PARTS, SOLUTION, TYPES, ZIP, NotHere, operator, pick
from roles import more
from sections import FILLED

ODD_NAMES = {
    "encoded dot": "customizations%2Exml",
    "encoded letter": "%63ustomizations.xml",
    "small escape": "customizations%2exml",
    "solution": "solution%2Exml",
    "capitals": "CUSTOMIZATIONS.XML",
    "one capital": "Customizations.xml",
    "current folder": "./customizations.xml",
    "absolute": "/customizations.xml",
    "up": "a/../customizations.xml",
    "backslash": "a\\customizations.xml",
    "dot behind": "customizations.xml.",
    "blank behind": "customizations.xml ",
    "double slash": "a//customizations.xml",
    "hyphen": "solution%2Dxml.xml",
    "zero width": "customizations\u200b.xml",
    "full-width": "customizations\uff0exml",
    "cyrillic": "custom\u0456zations.xml",
    "folder": "x/customizations.xml",
    "Other": "Other/Customizations.xml",
    "null": "customizations.xml\u0001",
    "stream": "customizations.xml::$DATA",
    "tilde": "CUSTOM~1.XML",
    "twice encoded": "customizations%252Exml",
}


def hidden(case):
    """customizations.xml with a privilege more, or else with a role that was not there."""
    text = case.text(CUSTOMIZATIONS)
    return (
        more(text)
        if "<RolePrivileges" in text
        else text.replace("</ImportExportXml>", f"<Roles>{FILLED['Roles']}</Roles></ImportExportXml>")
    )


@operator(PARTS)
def part_beside(case, rng):
    """A second part under a name that some readers take for the first."""
    name = pick(rng, case, ODD_NAMES)
    data = case.part(SOLUTION).replace(b"<Version>", b"<Version>9") if "solution" in name else hidden(case).encode()
    case.add(name, data, first=rng.random() < 0.5)


@operator(PARTS)
def part_renamed(case, rng):
    """A part under such a name, and none under the right one."""
    name = pick(rng, case, ODD_NAMES)
    case.rename(SOLUTION if "solution" in name else CUSTOMIZATIONS, name)


@operator(PARTS)
def part_twice(case, rng):
    """Two entries of a name."""
    name = pick(
        rng,
        case,
        {"customizations": CUSTOMIZATIONS, "solution": SOLUTION, "any": rng.choice([name for name, _ in case.parts])},
    )
    data = hidden(case).encode() if name == CUSTOMIZATIONS else case.part(name) + b" "
    case.add(name, data, first=rng.random() < 0.5)


@operator(PARTS)
def part_names_alike(case, rng):
    """Two further parts whose names are equal after decoding, in case or in composition."""
    one, two = pick(
        rng,
        case,
        {
            "comma": ("a,b.xml", "a%2Cb.xml"),
            "case of an escape": ("a%2cb.xml", "a%2Cb.xml"),
            "case": ("a/b.xml", "A/b.xml"),
            "composition": ("%C3%BC.xml", "u%CC%88.xml"),
            "raw and encoded": ("\u00fc.xml", "%C3%BC.xml"),
            "raw compositions": ("\u00fc.xml", "u\u0308.xml"),
            "blank": ("a b.xml", "a%20b.xml"),
            "brackets": ("a[1].xml", "a%5B1%5D.xml"),
            "part in a part": ("a.xml", "a.xml/b.xml"),
            "slash": ("a/b.xml", "a%2Fb.xml"),
            "dots": ("a/b.xml", "a/./b.xml"),
            "plus": ("a+b.xml", "a%2Bb.xml"),
            "dotless i": ("i.xml", "\u0131.xml"),
            "sharp s": ("ss.xml", "%C3%9F.xml"),
            "capital of an umlaut": ("%C3%BC.xml", "%C3%9C.xml"),
            "kelvin": ("k.xml", "%E2%84%AA.xml"),
        },
    )
    case.add(one, "<a>1</a>")
    case.add(two, "<a>2</a>")


@operator(PARTS)
def part_odd_name(case, rng):
    """One further part with a name that .NET ignores or others cannot write."""
    name = pick(
        rng,
        case,
        {
            "blank": "a b.xml",
            "umlaut": "\u00fc.xml",
            "hash": "a#b.xml",
            "percent": "a%b.xml",
            "question": "a?b.xml",
            "colon": "a:b.xml",
            "star": "a*b.xml",
            "device": "con.xml",
            "tilde": "a%7Eb.xml",
            "folder": "a/",
            "dot folder": "a/./b.xml",
            "dots": "../a.xml",
            "backslash": "a\\b.xml",
            "pipe": "a|b.xml",
            "no extension": "readme",
            "unknown extension": "a.xyz",
            "dot at the end": "a.xml.",
            "dot at a folder's end": "a./b.xml",
            "slashes": "a//b.xml",
            "rels": "_rels/.rels",
            "only extension": ".xml",
            "long": "a" * 300 + ".xml",
            "encoded slash": "a%2Fb.xml",
            "encoded backslash": "a%5Cb.xml",
            "bom": "\ufeffa.xml",
            "right to left": "a\u202elmx.xml",
            "nested zip": "a.zip",
            "signature": "package/services/x.psdsxs",
        },
    )
    case.add(name, "<a/>")


@operator(PARTS)
def content_types(case, rng):
    """The list of content types: an extension less, an override, another case, twice, absent, broken."""
    data = case.part(TYPES)
    no_xml = re.sub(rb'<Default Extension="xml"[^>]*/>', b"", data)
    override = b"".join(
        b'<Override PartName="/' + name + b'" ContentType="text/xml" />'
        for name in (b"customizations.xml", b"solution.xml")
    )
    one = b'<Override PartName="/solution.xml" ContentType="text/xml" />'
    extensions = re.findall(rb'<Default Extension="[^"]*"[^>]*/>', data)
    name, new = pick(
        rng,
        case,
        {
            "no xml": (TYPES, no_xml),
            "overrides": (TYPES, no_xml.replace(b"</Types>", override + b"</Types>")),
            "override of one": (TYPES, no_xml.replace(b"</Types>", one + b"</Types>")),
            "small": (TYPES.lower(), data),
            "capitals": (TYPES.upper(), data),
            "absent": ("types.xml", data),
            "empty": (TYPES, b""),
            "broken": (TYPES, data[:-3]),
            "one extension less": (TYPES, data.replace(rng.choice(extensions), b"", 1) if extensions else data),
            "no namespace": (
                TYPES,
                data.replace(b' xmlns="http://schemas.openxmlformats.org/package/2006/content-types"', b""),
            ),
            "twice": (
                TYPES,
                data.replace(b"</Types>", b'<Default Extension="XML" ContentType="text/plain" /></Types>'),
            ),
            "comment": (TYPES, data.replace(b"</Types>", b"<!-- c --></Types>")),
            "unknown": (TYPES, data.replace(b"</Types>", b"<Extra/></Types>")),
            "extra extension": (
                TYPES,
                data.replace(
                    b"</Types>", b'<Default Extension="exe" ContentType="application/octet-stream" /></Types>'
                ),
            ),
        },
    )
    case.parts = [(name, new) if found == TYPES else (found, old) for found, old in case.parts]


@operator(PARTS)
def content_types_second(case, rng):
    """A second list of content types."""
    data = case.part(TYPES)
    less = re.sub(rb'<Default Extension="xml"[^>]*/>', b"", data)
    name = pick(
        rng,
        case,
        {
            "same": TYPES,
            "small": TYPES.lower(),
            "capitals": TYPES.upper(),
            "encoded": "%5BContent_Types%5D.xml",
            "folder": "a/" + TYPES,
        },
    )
    case.add(name, less if rng.random() < 0.5 else data, first=rng.random() < 0.5)


@operator(PARTS)
def payload(case, rng):
    """A file's bytes: changed, gone, added without a component that names it."""
    files = [name for name, _ in case.parts if "/" in name]
    what = pick(rng, case, {"changed": 0, "gone": 1, "added": 2, "moved": 3, "library": 4})
    if what not in (2, 4) and not files:
        raise NotHere
    if what in (2, 4):
        name = (
            "WebResources/contoso_hidden0BADC0DE-0000-4000-8000-000000000001"
            if what == 2
            else "PluginAssemblies/Hidden/Hidden.dll"
        )
        case.add(name, b"MZ hidden")
        if what == 4:
            case.put(
                TYPES,
                case.part(TYPES).replace(
                    b"</Types>", b'<Default Extension="dll" ContentType="application/octet-stream" /></Types>'
                ),
            )
        else:
            case.put(
                TYPES,
                case.part(TYPES).replace(
                    b"</Types>",
                    f'<Override PartName="/{name}" ContentType="application/octet-stream" /></Types>'.encode(),
                ),
            )
        case.must_show.append(name.rsplit("/", 1)[1])
        return
    name = rng.choice(files)
    if what == 0:
        case.put(name, case.part(name) + b"\n")
    elif what == 1:
        case.parts = [it for it in case.parts if it[0] != name]
    else:
        case.rename(name, "x/" + name)


@operator(ZIP)
def zip_form(case, rng):
    """The zip: stored, bytes around it, a comment, order."""
    what = pick(
        rng, case, {name: name for name in ("stored", "before", "behind", "comment", "order", "zip before", "time")}
    )
    if what == "stored":
        case.stored = {name for name, _ in case.parts if rng.random() < 0.5} | {CUSTOMIZATIONS}
    elif what == "before":
        case.before = b"MZ" + bytes(62)
    elif what == "behind":
        case.after = b"behind"
    elif what == "comment":
        case.comment = b"PK\x05\x06" + bytes(18)
    elif what == "order":
        rng.shuffle(case.parts)
    elif what == "zip before":
        case.before = case.zip()
    else:
        case.edit_zip.append(lambda data: data.replace(b"\x00\x00\x21\x00", b"\x11\x22\x33\x44"))


@operator(ZIP)
def zip_headers(case, rng):
    """A local header that says something else than the directory: name, size, method, flags."""
    names = sorted({name for name, _ in case.parts if name.isascii()} & {CUSTOMIZATIONS, SOLUTION}) or [TYPES]
    wanted = rng.choice(names).encode()
    what = pick(
        rng,
        case,
        {
            name: name
            for name in ("name", "central name", "method", "encrypted", "size", "checksum", "utf-8 flag", "extra name")
        },
    )

    def edit(data):
        local, central = data.find(b"PK\x03\x04"), data.find(b"PK\x01\x02")
        while local >= 0 and data[local + 30 : local + 30 + len(wanted)] != wanted:
            local = data.find(b"PK\x03\x04", local + 4)
        while central >= 0 and data[central + 46 : central + 46 + len(wanted)] != wanted:
            central = data.find(b"PK\x01\x02", central + 4)
        if local < 0 or central < 0:
            return data
        changed = bytearray(data)
        other = wanted[:1].upper() + wanted[1:-5] + b"x" + wanted[-4:]
        if what == "name":
            changed[local + 30 : local + 30 + len(wanted)] = other
        elif what in ("central name", "extra name"):
            changed[central + 46 : central + 46 + len(wanted)] = other
        elif what == "method":
            struct.pack_into("<H", changed, local + 8, 0)
        elif what == "encrypted":
            changed[local + 6] |= 1
        elif what == "size":
            struct.pack_into("<I", changed, central + 24, struct.unpack_from("<I", data, central + 24)[0] - 3)
        elif what == "checksum":
            changed[central + 16] ^= 0xFF
        else:
            changed[central + 9] ^= 8
        return bytes(changed)

    case.edit_zip.append(edit)


@operator(ZIP)
def unchanged(case, rng):
    """Nothing more: a control, which is accepted where no other operator was at work."""
    case.variants.append("-")
