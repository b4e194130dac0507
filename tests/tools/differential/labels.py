"""Operators on texts by language, and on what is said in two places."""

import re

from mutate import CUSTOMIZATIONS, SOLUTION, XML, NotHere, operator, pick, rewrite


def label(case, rng):
    """A part with labels, its text, and one of them."""
    parts = [SOLUTION, CUSTOMIZATIONS] + [name for name, _ in case.parts if name.count("/") in (2, 4)]
    parts = [name for name in parts if name.endswith(".xml")]
    rng.shuffle(parts)
    for name in parts[:6] + [SOLUTION]:
        text = case.text(name)
        found = list(re.finditer(r'<[A-Za-z]+ description="([^"]*)" languagecode="(\d+)" />', text))
        if found:
            return name, text, rng.choice(found)
    raise NotHere


@operator(XML)
def label_language(case, rng):
    """A language twice, unknown, in another spelling, or in another order."""
    name, text, found = label(case, rng)
    old, code = found[0], found[2]
    other = old.replace(f'"{found[1]}"', '"Hidden"', 1)
    new = pick(
        rng,
        case,
        {
            "twice before": other + old,
            "twice behind": old + other,
            "unknown": old + other.replace(code, "1078"),
            "zero": old + other.replace(code, "0"),
            "zeros before": old + other.replace(code, "0" + code),
            "plus": old + other.replace(code, "+" + code),
            "blank": old + other.replace(code, " " + code),
            "hexadecimal": old + other.replace(code, hex(int(code))),
            "another first": other.replace(code, "1036") + old,
            "another behind": old + other.replace(code, "1036"),
            "spelled": old.replace("languagecode", "LanguageCode"),
            "two spellings": old.replace("languagecode", f'LanguageCode="1036" languagecode'),
            "none": old.replace(f' languagecode="{code}"', ""),
        },
    )
    case.write(text[: found.start()] + new + text[found.end() :], name)


@operator(XML)
def label_list(case, rng):
    """A list of labels twice, or in another case."""
    document = case.document()
    found = [it for it in document.elements if it.name in ("LocalizedNames", "Descriptions", "displaynames") and it.children]
    if not found:
        raise NotHere
    it = rng.choice(found)
    source = document.source(it)
    other = re.sub(r'description="[^"]*"', 'description="Hidden"', source)
    rewrite(
        case,
        rng,
        document.with_source,
        it,
        {
            "twice before": other + source,
            "twice behind": source + other,
            "case": source + other.replace(it.name, it.name.upper()),
            "inside": source.replace(f"</{it.name}>", f"{other}</{it.name}>"),
        },
    )
    case.variants.append(it.parent.name)


@operator(XML)
def two_names(case, rng):
    """What an element says twice, said in two ways."""
    text = case.text(CUSTOMIZATIONS)
    case.write(
        replaced(
            text,
            pick(
                rng,
                case,
                {
                    "process": (r'(<Workflow [^>]*\bName=")[^"]*', r"\1Hidden"),
                    "choice": (r'(<optionset [^>]*\blocalizedName=")[^"]*', r"\1Hidden"),
                    "table": (r"(<Name LocalizedName=\"[^\"]*\" OriginalName=\"[^\"]*\">)[^<]*", r"\1contoso_hidden"),
                    "table's entity": (r'(<entity Name=")[^"]*', r"\1contoso_Hidden"),
                    "table's label": (r'(<Name LocalizedName=")[^"]*', r"\1Hidden"),
                    "state": (r"(<StateCode>)\d(</StateCode>)", r"\g<1>0\2"),
                    "status": (r"(<StatusCode>)\d(</StatusCode>)", r"\g<1>1\2"),
                },
            ),
        )
    )


def replaced(text, change):
    """The text with one place changed."""
    pattern, new = change
    changed, count = re.subn(pattern, new, text, count=1)
    if not count or changed == text:
        raise NotHere
    return changed


@operator(XML)
def role_joiner(case, rng):
    """Joiners in the name of a role: where they join, and where nobody sees them."""
    document = case.document()
    found = [it for it in document.all("Role", "Roles") if it.attributes.get("name")]
    if not found:
        raise NotHere
    it = rng.choice(found)
    name = pick(
        rng,
        case,
        {
            "Persian": "نقش\u200cها",
            "Devanagari": "क्\u200dष",
            "Bengali": "র\u200d্য",
            "Latin": "Con\u200ctoso",
            "at the end": "نقش\u200c",
            "joiner in Persian": "می\u200dخواهم",
            "twice": "نقش\u200c\u200cها",
            "picture": "\U0001f469\u200d\U0001f4bb",
        },
    )
    case.write(document.with_value(it, "name", name))


@operator(XML)
def role_unknown(case, rng):
    """What a role does not have, and roles that are only named elsewhere."""
    text = case.text(CUSTOMIZATIONS)
    if "</RolePrivileges>" not in text:
        raise NotHere
    new = "{0badc0de-0000-4000-8000-0000000000a1}"
    case.write(
        pick(
            rng,
            case,
            {
                "child": text.replace("<RolePrivileges>", "<AppliesTo>x</AppliesTo><RolePrivileges>", 1),
                "child behind": text.replace("</RolePrivileges>", "</RolePrivileges><AppliesTo />", 1),
                "attribute": text.replace("<Role id=", '<Role appliesto="1" id=', 1),
                "named elsewhere": text.replace("</ImportExportXml>", f'<News><New><Roles><Role Id="{new}" /></Roles></New></News></ImportExportXml>'),
                "named and granted": text.replace("</ImportExportXml>", f'<News><New><Role id="{new}"><RolePrivileges /></Role></New></News></ImportExportXml>'),
                "named with a name": text.replace("</ImportExportXml>", f'<News><New><Role id="{new}" name="x" /></New></News></ImportExportXml>'),
            },
        )
    )
