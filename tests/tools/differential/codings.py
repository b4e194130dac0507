"""Operators on the encoding of a document and its declaration."""

import codecs
import re

from documents import MORE, any_part, bare
from mutate import CUSTOMIZATIONS, SOLUTION, TEXT, NotHere, operator, pick


def plus(text):
    """ASCII as UTF-7 writes what it escapes."""
    return text.replace("<", "+ADw-").replace(">", "+AD4-").replace('"', "+ACI-")


@operator(TEXT)
def utf_7(case, rng):
    """A declared UTF-7, in which text becomes elements."""
    part = any_part(rng)
    text = bare(case.text(part))
    more = plus(MORE) if part == CUSTOMIZATIONS else plus("<Version>9.9.9.9</Version>")
    before = (
        "</RolePrivileges>"
        if "</RolePrivileges>" in text
        else "</SolutionManifest>" if part == SOLUTION else "</ImportExportXml>"
    )
    if part == CUSTOMIZATIONS and before == "</ImportExportXml>":
        more = plus(f"<Roles>{MORE}</Roles>")
    declared = pick(
        rng,
        case,
        {
            "utf-7": "utf-7",
            "UTF-7": "UTF-7",
            "unicode-1-1-utf-7": "unicode-1-1-utf-7",
            "x-unicode-2-0-utf-7": "x-unicode-2-0-utf-7",
            "csUnicode11UTF7": "csUnicode11UTF7",
        },
    )
    case.put(
        part, f'<?xml version="1.0" encoding="{declared}"?>{text.replace(before, more + before, 1)}'.encode("utf-8")
    )


@operator(TEXT)
def utf_16(case, rng):
    """UTF-16 and UTF-32, with and without mark and declaration."""
    part = any_part(rng)
    text = bare(case.text(part))
    declared = '<?xml version="1.0" encoding="utf-16"?>' + text
    case.put(
        part,
        pick(
            rng,
            case,
            {
                "mark, declared": lambda: declared.encode("utf-16"),
                "mark": lambda: text.encode("utf-16"),
                "declared": lambda: declared.encode("utf-16-le"),
                "nothing": lambda: text.encode("utf-16-le"),
                "big": lambda: codecs.BOM_UTF16_BE + declared.encode("utf-16-be"),
                "big without mark": lambda: declared.encode("utf-16-be"),
                "utf-8 in it": lambda: declared.encode("utf-8"),
                "says utf-8": lambda: ('<?xml version="1.0" encoding="utf-8"?>' + text).encode("utf-16"),
                "utf-32": lambda: text.encode("utf-32"),
                "mark of utf-8": lambda: codecs.BOM_UTF8 + declared.encode("utf-8"),
            },
        )(),
    )


@operator(TEXT)
def declared_encoding(case, rng):
    """An encoding that the declaration names, true or not."""
    part = any_part(rng)
    text = bare(case.text(part))
    name, codec = pick(
        rng,
        case,
        {
            name: (name, codec)
            for name, codec in {
                "windows-1252": "cp1252",
                "iso-8859-1": "latin-1",
                "iso-8859-15": "iso-8859-15",
                "shift_jis": "shift_jis",
                "gb18030": "gb18030",
                "us-ascii": "ascii",
                "ibm037": "cp037",
                "IBM037": "utf-8",
                "windows-1251": "cp1251",
                "x-mac-roman": "mac-roman",
                "iso-2022-jp": "iso2022_jp",
                "utf8": "utf-8",
                "UTF-8": "utf-8",
                "unknown-1": "utf-8",
                "hz-gb-2312": "hz",
                "": "utf-8",
                "utf-8 ": "utf-8",
                "big5": "big5",
                "euc-kr": "euc_kr",
            }.items()
        },
    )
    # A letter beyond ASCII shows how the bytes are read.
    odd = rng.choice(["\u00e4", "\u20ac", "\u0416", "\u30bd", ""])
    text = (
        text.replace('name="', f'name="{odd}', 1)
        if part == CUSTOMIZATIONS
        else re.sub(r'(<LocalizedName description=")', rf"\g<1>{odd}", text, count=1)
    )
    lying = rng.random() < 0.4
    mark = codecs.BOM_UTF8 if rng.random() < 0.4 else b""
    case.variants.append(("mark " if mark else "") + ("as utf-8" if lying else "as it says"))
    written = f'<?xml version="1.0" encoding="{name}"?>{text}'
    try:
        case.put(
            part, mark + (written.encode("utf-8") if lying or mark else written.encode(codec, "xmlcharrefreplace"))
        )
    except (UnicodeError, LookupError):
        raise NotHere from None


@operator(TEXT)
def declaration(case, rng):
    """Declarations: standalone, version 1.1, late, twice, with a mark, of a public name."""
    part = any_part(rng)
    text = bare(case.text(part))
    case.put(
        part,
        pick(
            rng,
            case,
            {
                "utf-8": '<?xml version="1.0" encoding="utf-8"?>' + text,
                "none": text,
                "no encoding": '<?xml version="1.0"?>' + text,
                "standalone": '<?xml version="1.0" encoding="utf-8" standalone="yes"?>' + text,
                "1.1": '<?xml version="1.1"?>' + text,
                "2.0": '<?xml version="2.0"?>' + text,
                "late": '\n<?xml version="1.0"?>' + text,
                "twice": '<?xml version="1.0"?><?xml version="1.0"?>' + text,
                "mark": "\ufeff" + text,
                "two marks": "\ufeff\ufeff" + text,
                "mark and declaration": '\ufeff<?xml version="1.0" encoding="utf-8"?>\r\n' + text,
                "single quotes": "<?xml version='1.0' encoding='utf-8'?>" + text,
                "capitals": '<?XML version="1.0"?>' + text,
                "style sheet": '<?xml-stylesheet href="x.xsl"?>' + text,
                "standalone no": '<?xml version="1.0" standalone="no"?>' + text,
            },
        ).encode(),
    )


@operator(TEXT)
def bad_bytes(case, rng):
    """Bytes that are not UTF-8."""
    part = any_part(rng)
    data = case.part(part)
    bad = pick(
        rng,
        case,
        {
            "latin": b"\xe4",
            "overlong": b"\xc0\xaf",
            "surrogate": b"\xed\xa0\x80",
            "alone": b"\x80",
            "cut": b"\xe2\x82",
            "five": b"\xf8\x88\x80\x80\x80",
            "null": b"\x00",
        },
    )
    at = data.find(b'"', data.find(b"name=" if part == CUSTOMIZATIONS else b"description=")) + 1
    case.put(part, data[:at] + bad + data[at:])
