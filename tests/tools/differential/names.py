"""Operators on what names the solution and its publisher (solution.xml)."""

from mutate import SOLUTION, XML, NotHere, operator, pick, rewrite

VALUES = ["UniqueName", "Version", "Managed", "CustomizationPrefix", "CustomizationOptionValuePrefix"]
OTHER = {
    "UniqueName": "Other",
    "Version": "9.9.9.9",
    "Managed": "0",
    "CustomizationPrefix": "other",
    "CustomizationOptionValuePrefix": "77777",
    "Publisher": "<UniqueName>other</UniqueName><CustomizationPrefix>other</CustomizationPrefix>",
    "LocalizedNames": '<LocalizedName description="Other" languagecode="1033" />',
}


def value(case, rng):
    """An element that names something, and the document."""
    document = case.document(SOLUTION)
    found = [it for it in document.elements if it.name in VALUES and document.content(it)]
    if not found:
        raise NotHere
    it = rng.choice(found)
    case.variants.append(f"{it.parent.name}/{it.name}")
    return document, it


@operator(XML)
def value_broken_up(case, rng):
    """A comment, instruction, CDATA, reference or element inside of a value."""
    document, it = value(case, rng)
    text = document.content(it)
    half = len(text) // 2
    first, second = text[:half], text[half:]
    rewrite(
        case,
        rng,
        document.with_content,
        it,
        {
            "comment": f"{first}<!-- c -->{second}",
            "instruction": f"{first}<?p?>{second}",
            "cdata": f"{first}<![CDATA[{second}]]>",
            "all cdata": f"<![CDATA[{text}]]>",
            "comment before": f"<!-- c -->{text}",
            "comment behind and more": f"{text}<!-- c -->9",
            "references": "".join(f"&#{ord(c)};" for c in text),
            "element": f"{first}<b>{second}</b>",
            "element more": f"{text}<b>9</b>",
            "empty element": f"{text}<b/>",
            "empty cdata": f"{text}<![CDATA[]]>",
            "instruction and more": f"{text}<?p?>9",
        },
        SOLUTION,
    )


@operator(XML)
def value_twice(case, rng):
    """A value, publisher or manifest twice."""
    document = case.document(SOLUTION)
    name = rng.choice([*OTHER, "SolutionManifest"])
    found = document.all(name)
    if not found:
        raise NotHere
    it = rng.choice(found)
    source = document.source(it)
    other = (
        document.source(it).replace("<Version>", "<Version>9.")
        if name == "SolutionManifest"
        else f"<{name}>{OTHER[name]}</{name}>"
    )
    rewrite(
        case,
        rng,
        document.with_source,
        it,
        {
            "behind": source + other,
            "before": other + source,
            "alike": source * 2,
            "empty behind": source + f"<{name}/>",
            "empty before": f"<{name}/>" + source,
        },
        SOLUTION,
    )
    case.variants.append(f"{it.parent.name if it.parent else ''}/{name}")


@operator(XML)
def value_case(case, rng):
    """A value's element in another case, beside or instead of what is right."""
    document, it = value(case, rng)
    small = f"<{it.name.lower()}>{OTHER[it.name]}</{it.name.lower()}>"
    source = document.source(it)
    case.write(
        document.with_source(
            it,
            pick(
                rng,
                case,
                {"beside": source + small, "before": small + source, "instead": document.renamed(it, it.name.lower())},
            ),
        ),
        SOLUTION,
    )


@operator(XML)
def value_spelled(case, rng):
    """Blanks, line ends and odd characters in a value."""
    document, it = value(case, rng)
    text = document.content(it)
    rewrite(
        case,
        rng,
        document.with_content,
        it,
        {
            "blank before": " " + text,
            "blank behind": text + " ",
            "line feed": f"\n{text}\n",
            "carriage return": f"{text}\r\n",
            "reference to one": f"{text}&#13;",
            "next line": text + "\u0085",
            "line separator": text + "\u2028",
            "tab": f"\t{text}",
            "no-break": text + "\u00a0",
            "zero width": text[:1] + "\u200b" + text[1:],
            "mark": "\ufeff" + text,
            "full-width": text.replace("1", "\uff11").replace("o", "\uff4f"),
            "cyrillic": text.replace("o", "\u043e"),
            "capitals": text.upper(),
            "zero before": "0" + text,
            "plus": "+" + text,
            "null": text + "&#0;",
        },
        SOLUTION,
    )


@operator(XML)
def value_other(case, rng):
    """Another value, as it should be written: a control."""
    document, it = value(case, rng)
    case.write(document.with_content(it, OTHER[it.name]), SOLUTION)


@operator(XML)
def value_attribute(case, rng):
    """Attributes of a value or of what holds values."""
    document = case.document(SOLUTION)
    found = [it for it in document.elements if it.name in (*VALUES, "SolutionManifest", "Publisher")]
    if not found:
        raise NotHere
    it = rng.choice(found)
    case.variants.append(it.name)
    case.write(
        document.with_attribute(
            it,
            pick(
                rng,
                case,
                {
                    "unknown": 'extra="1"',
                    "nil": 'xsi:nil="true"',
                    "namespace": 'xmlns="urn:x"',
                    "lang": 'xml:lang="en"',
                    "declared": 'xmlns:x="urn:x"',
                },
            ),
        ),
        SOLUTION,
    )


@operator(XML)
def value_nested(case, rng):
    """A value, publisher or manifest inside another element."""
    document = case.document(SOLUTION)
    found = [it for it in document.elements if it.name in (*VALUES, "SolutionManifest", "Publisher", "RootComponents")]
    if not found:
        raise NotHere
    it = rng.choice(found)
    case.variants.append(it.name)
    wrapped = pick(rng, case, {"unknown": "Extra", "itself": it.name, "publisher": "Publisher"})
    case.write(document.with_source(it, f"<{wrapped}>{document.source(it)}</{wrapped}>"), SOLUTION)


@operator(XML)
def display_name(case, rng):
    """Display names: twice, other language, other case, text instead of attributes."""
    document = case.document(SOLUTION)
    found = document.all("LocalizedName")
    if not found:
        raise NotHere
    it = rng.choice(found)
    source = document.source(it)
    rewrite(
        case,
        rng,
        document.with_source,
        it,
        {
            "twice": source + '<LocalizedName description="Other" languagecode="1033" />',
            "before": '<LocalizedName description="Other" languagecode="1033" />' + source,
            "case": source.replace(" description=", " Description="),
            "both cases": source.replace(" description=", ' Description="Other" description='),
            "small": document.renamed(it, "localizedname"),
            "another element": '<Other description="Other" languagecode="1033" />' + source,
            "line feed": source.replace('description="', 'description="a\nb'),
            "carriage return": source.replace('description="', 'description="a&#13;b'),
            "right to left": source.replace('description="', 'description="\u202e'),
            "composed": source.replace('description="', 'description="e\u0301'),
            "child": source.replace("/>", "><b/></LocalizedName>"),
        },
        SOLUTION,
    )


@operator(XML)
def manifest_stray_text(case, rng):
    """Text, comments and instructions where solution.xml has only elements."""
    document = case.document(SOLUTION)
    stray = pick(
        rng,
        case,
        {
            "text": "text",
            "comment": "<!-- c -->",
            "instruction": "<?p q?>",
            "cdata": "<![CDATA[<Version>9.9.9.9</Version>]]>",
            "no-break": "\u00a0",
            "element": "<Extra/>",
            "element with text": "<Extra>1</Extra>",
            "reference": "&#32;",
            "commented version": "<!--<Version>9.9.9.9</Version>-->",
        },
    )
    before = rng.choice(
        ["<Version", "<Publisher", "</Publisher>", "</SolutionManifest>", "<SolutionManifest", "</RootComponents>"]
    )
    if before not in document.text:
        raise NotHere
    case.write(document.text.replace(before, stray + before, 1), SOLUTION)
