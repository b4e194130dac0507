"""Operators on the items of sections."""

from mutate import XML, NotHere, in_another_case, operator, pick, swapped
from sections import FILLED, other_ids, section


def item(case, rng):
    """An item of a section, and the document."""
    document, it = section(case, rng)
    return document, rng.choice(it.children)


@operator(XML)
def item_twice(case, rng):
    """An item once more."""
    document, it = item(case, rng)
    source = document.source(it)
    more = pick(
        rng,
        case,
        {
            "alike": lambda: source,
            "other ids": lambda: other_ids(source, rng),
            "other values": lambda: source.replace(">1<", ">0<").replace('"Global"', '"Basic"'),
        },
    )()
    case.write(document.with_source(it, source + more if rng.random() < 0.5 else more + source))
    case.variants.append(it.name)


@operator(XML)
def item_case(case, rng):
    """An item's element in another case."""
    document, it = item(case, rng)
    in_another_case(case, rng, document, it)


@operator(XML)
def item_nested(case, rng):
    """An item inside an element that the section does not have."""
    document, it = item(case, rng)
    wrapped = pick(rng, case, {"unknown": "Group", "section": it.parent.name, "itself": it.name})
    case.write(document.with_source(it, f"<{wrapped}>{document.source(it)}</{wrapped}>"))
    case.variants.append(it.name)


@operator(XML)
def item_moved(case, rng):
    """An item in a section that is not its own."""
    document, it = item(case, rng)
    others = [other for other in document.root.children if other is not it.parent and other.children]
    if not others:
        raise NotHere
    other = rng.choice(others)
    source = document.source(it)
    if other.start > it.start:
        text = document.text[: other.close] + source + document.text[other.close :]
        text = text[: it.start] + text[it.end :]
    else:
        text = document.with_source(it, "")
        text = text[: other.close] + source + text[other.close :]
    case.write(text)
    case.variants.append(f"{it.name} to {other.name}")


@operator(XML)
def item_removed(case, rng):
    """An item less."""
    document, it = item(case, rng)
    case.write(document.with_source(it, ""))
    case.variants.append(it.name)


@operator(XML)
def item_unknown_child(case, rng):
    """A child that its item does not have."""
    document, it = item(case, rng)
    child = pick(
        rng,
        case,
        {
            "element": "<Extra>1</Extra>",
            "empty": "<Extra/>",
            "known elsewhere": "<IsCustomizable>0</IsCustomizable>",
            "role": FILLED["Roles"],
            "namespaced": '<x:Extra xmlns:x="urn:x">1</x:Extra>',
        },
    )
    case.write(document.with_content(it, child + ("" if it.empty else document.content(it))))
    case.variants.append(it.name)


@operator(XML)
def item_attribute(case, rng):
    """An attribute more, or one with another value."""
    document, it = item(case, rng)
    case.variants.append(it.name)
    some = {
        "unknown": 'extra="1"',
        "isinherited": 'isinherited="0"',
        "namespaced": 'xmlns:y="urn:y" y:state="1"',
        "nil": 'xsi:nil="true"',
    }
    for name in it.attributes:
        some["case of " + name] = f'{swapped(name)}="other"'
    case.write(document.with_attribute(it, pick(rng, case, some)))


@operator(XML)
def item_value(case, rng):
    """Another value of one of an item's columns."""
    document, it = item(case, rng)
    leaves = [child for child in it.children if not child.children and not child.empty]
    if not leaves:
        raise NotHere
    leaf = rng.choice(leaves)
    case.write(
        document.with_content(
            leaf, pick(rng, case, {"2": "2", "text": "other", "address": "https://other.example.net/"})
        )
    )
    case.variants.append(f"{it.name}/{leaf.name}")
