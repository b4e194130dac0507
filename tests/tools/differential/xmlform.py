"""XML in dvpack's normal form, so that nothing but what a document says can be refused."""

from xml.parsers import expat

TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\n": "\r\n", "\r": "&#xD;"}
VALUE = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#xA;", "\r": "&#xD;", "\t": "&#x9;"}


class Element:
    """An element: its name, its attributes as name, value, name, value, and what is inside: elements, texts and markup.

    `long`: whether it is written as two tags though nothing is inside.
    """

    def __init__(self, name, attributes, long):
        self.name, self.attributes, self.long, self.inside = name, attributes, long, []


class Markup(str):
    """A comment or an instruction as it is written."""


class Tree:
    """Reads a document."""

    def __init__(self, text):
        self.top = Element("", [], False)
        self.open, self.starts, self.typed = [self.top], [], False
        self.data = text.encode("utf-8", "surrogatepass")
        self.parser = parser = expat.ParserCreate()
        parser.ordered_attributes = parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self.start, self.end
        parser.CharacterDataHandler = self.text
        parser.CommentHandler = lambda text: self.add(Markup("<!--" + text.replace("\n", "\r\n") + "-->"))
        parser.ProcessingInstructionHandler = lambda name, text: self.add(Markup(f"<?{name} {text}".rstrip(" ") + "?>"))
        parser.StartDoctypeDeclHandler = self.doctype
        parser.Parse(self.data, True)

    def add(self, node):
        """A node inside the element that is open."""
        self.open[-1].inside.append(node)

    def start(self, name, attributes):
        """A start tag."""
        element = Element(name, attributes, False)
        self.add(element)
        self.open.append(element)
        self.starts.append(self.parser.CurrentByteIndex)

    def end(self, _):
        """An end tag, or the end of an empty element in one tag."""
        element, start, at = self.open.pop(), self.starts.pop(), self.parser.CurrentByteIndex
        element.long = at != start and not self.data[start:at].endswith(b"/>")

    def text(self, text):
        """Text, in one piece with the one before it."""
        inside = self.open[-1].inside
        if inside and type(inside[-1]) is str:
            inside[-1] += text
        else:
            inside.append(text)

    def doctype(self, *_):
        """A document type."""
        self.typed = True


def normal(text):
    """The text as dvpack writes it; as it is where no reader takes it, or where its form is what matters."""
    if "]]>" in text or text.startswith("<?"):
        return text
    try:
        tree = Tree(text)
    except (expat.ExpatError, ValueError):
        return text
    root = tree.top.inside
    if tree.typed or len(root) != 1:
        return text
    return written(root[0], 0, True)


def escaped(value, table):
    """A value with what cannot stand in it as references."""
    return "".join(table.get(it, it) for it in value)


def written(node, depth, pretty):
    """An element, a text, a comment or an instruction."""
    if isinstance(node, Markup):
        return str(node)
    if isinstance(node, str):
        return escaped(node, TEXT)
    pairs = zip(node.attributes[::2], node.attributes[1::2])
    tag = "<" + node.name + "".join(f' {name}="{escaped(value, VALUE)}"' for name, value in pairs)
    has_elements = any(isinstance(it, Element) for it in node.inside)
    # Blanks between elements.
    inside = [it for it in node.inside if not has_elements or type(it) is not str or it.strip(" \t\r\n")]
    if not inside:
        return tag + (f"></{node.name}>" if node.long else " />")
    pretty = pretty and has_elements and all(type(it) is not str for it in inside)
    line = "\r\n" + "  " * depth
    between = line + "  " if pretty else ""
    content = "".join(between + written(it, depth + 1, pretty) for it in inside)
    return f"{tag}>{content}{line if pretty else ''}</{node.name}>"
