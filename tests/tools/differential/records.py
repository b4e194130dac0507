"""Operators on records: parts of their own, in a folder that is called by their key."""

import re

from mutate import XML, NotHere, operator, pick, swapped


def record(case, rng):
    """The part of a record, its text, and the tag of its root."""
    found = [name for name, _ in case.parts if name.count("/") in (2, 4) and name.endswith(".xml")]
    found = [name for name in found if not name.startswith(("WebResources/", "Controls/", "Reports/"))]
    if not found:
        raise NotHere
    name = rng.choice(found)
    text = case.text(name)
    tag = re.match(r"<([a-z_0-9]+)((?:\s+[^\s=]+=\"[^\"]*\")*)\s*/?>", text)
    if not tag or not tag[2].strip():
        raise NotHere
    return name, text, tag


@operator(XML)
def record_key(case, rng):
    """Another key than the folder's."""
    name, text, tag = record(case, rng)
    attribute, value = re.search(r'([^\s=]+)="([^"]*)"', tag[2]).groups()
    old = f'{attribute}="{value}"'
    new = pick(
        rng,
        case,
        {
            "another": f'{attribute}="contoso_other"',
            "case": f'{attribute}="{value.swapcase()}"',
            "blank": f'{attribute}="{value} "',
            "zero width": f'{attribute}="{value}\u200b"',
            "empty": f'{attribute}=""',
            "none": "",
            "attribute in another case": f'{swapped(attribute)}="{value}"',
            "a second spelling": f'{swapped(attribute)}="contoso_other" {old}',
            "a second attribute": f'{old} name2="contoso_other"',
            "namespaced": f'xmlns:k="urn:k" k:{attribute}="contoso_other" {old}',
        },
    )
    case.write(text.replace(old, new, 1), name)


@operator(XML)
def record_moved(case, rng):
    """A record in another place, or once more."""
    name, text, tag = record(case, rng)
    *above, key, file = name.split("/")
    sets = "/".join(above)
    moved = pick(
        rng,
        case,
        {
            "deeper": f"{sets}/{key}/more/{file}",
            "higher": f"{sets}/{file}",
            "top": file,
            "another folder": f"{sets}/{key}2/{file}",
            "case of the set": f"{sets.upper()}/{key}2/{file}",
            "case of the file": f"{sets}/{key}2/{file.capitalize()}",
            "another set": f"contoso_others/{key}/{file}",
            "inside another": f"{sets}/{key}/{above[-1]}/{key}/{file}",
            "another file": f"{sets}/{key}/other.xml",
            "web resource": f"WebResources/{key}/{file}",
        },
    )
    case.add(moved, text)


@operator(XML)
def record_column(case, rng):
    """Columns twice, unknown, nested, spelled in another way, and what stands between them."""
    name, text, tag = record(case, rng)
    end = f"</{tag[1]}>"
    if end not in text:
        raise NotHere
    first = re.search(r"<([a-z_]+)>([^<]*)</\1>", text)
    column = first[1] if first else "iscustomizable"
    case.write(
        pick(
            rng,
            case,
            {
                "twice": text.replace(end, f"<{column}>other</{column}>{end}"),
                "twice before": text.replace(tag[0], f"{tag[0]}<{column}>other</{column}>", 1),
                "capitals": text.replace(end, f"<{column.upper()}>other</{column.upper()}>{end}"),
                "text": text.replace(end, f"text{end}"),
                "comment": text.replace(end, f"<!-- c -->{end}"),
                "comment in a value": text.replace(f"<{column}>", f"<{column}><!-- c -->", 1),
                "element in a value": text.replace(f"</{column}>", f"<b>1</b></{column}>", 1),
                "attribute": text.replace(f"<{column}>", f'<{column} x="1">', 1),
                "nil": text.replace(f"<{column}>", f'<{column} xsi:nil="true">', 1),
                "unknown": text.replace(end, f"<contoso_new>1</contoso_new>{end}"),
                "unknown twice": text.replace(end, f"<contoso_new>1</contoso_new><contoso_new>2</contoso_new>{end}"),
                "namespaced": text.replace(end, f'<x:a xmlns:x="urn:x">1</x:a>{end}'),
                "default namespace": text.replace(f"<{tag[1]} ", f'<{tag[1]} xmlns="urn:x" ', 1),
                "root": text.replace(f"<{tag[1]} ", "<other ").replace(end, "</other>"),
                "itself inside": text.replace(end, f"<inner>{text}</inner>{end}"),
            },
        ),
        name,
    )
