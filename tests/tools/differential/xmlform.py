"""XML in dvpack's normal form, so that nothing but what a document says can be refused."""

import re
from xml.dom import minidom
from xml.parsers import expat

TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\n": "\r\n", "\r": "&#xD;"}
VALUE = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#xA;", "\r": "&#xD;", "\t": "&#x9;"}


def normal(text):
    """The text as dvpack writes it; as it is where no reader takes it, or where its form is what matters."""
    if "]]>" in text or text.startswith("<?"):
        return text
    try:
        root = minidom.parseString(text.encode("utf-8", "surrogatepass"))
    except expat.ExpatError:
        return text
    if root.doctype is not None or any(it is not root.documentElement for it in root.childNodes):
        return text
    long = set(re.findall(r"<([A-Za-z_]+)(?: [^<>]*)?></\1>", text))
    return written(root.documentElement, 0, True, long)


def escaped(value, table):
    """A value with what cannot stand in it as references."""
    return "".join(table.get(it, it) for it in value)


def written(node, depth, pretty, long):
    """An element, a text, a comment or an instruction."""
    if node.nodeType == node.COMMENT_NODE:
        return "<!--" + node.data.replace("\n", "\r\n") + "-->"
    if node.nodeType == node.PROCESSING_INSTRUCTION_NODE:
        return f"<?{node.target} {node.data}".rstrip(" ") + "?>"
    if node.nodeType != node.ELEMENT_NODE:
        return escaped(node.data, TEXT)
    tag = "<" + node.tagName + "".join(f' {name}="{escaped(value, VALUE)}"' for name, value in node.attributes.items())
    inside = list(node.childNodes)
    elements = [it for it in inside if it.nodeType == it.ELEMENT_NODE]
    if elements:
        # Blanks between elements.
        inside = [it for it in inside if it.nodeType != it.TEXT_NODE or it.data.strip(" \t\r\n")]
    if not inside:
        return tag + (f"></{node.tagName}>" if node.tagName in long else " />")
    pretty = pretty and bool(elements) and all(it.nodeType != it.TEXT_NODE for it in inside)
    line = "\r\n" + "  " * depth
    between = line + "  " if pretty else ""
    content = "".join(between + written(it, depth + 1, pretty, long) for it in inside)
    return f"{tag}>{content}{line if pretty else ''}</{node.tagName}>"
