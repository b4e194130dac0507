"""XML as text with known places: enough to find an element of a well-formed document and to write something wrong there."""

import re
from html import unescape

TOKEN = re.compile(
    r"""<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>"""
    r"""|<(?P<close>/?)(?P<name>[^\s<>/="'!?]+)(?P<rest>(?:[^<>"']|"[^"]*"|'[^']*')*)>""",
    re.S,
)
ATTRIBUTE = re.compile(r"""\s([^\s=<>"'/]+)\s*=\s*("[^"]*"|'[^']*')""", re.S)


class Element:
    """An element and where it stands: `start`..`end` with its tags, `inner`..`close` between them."""

    def __init__(self, name, start, parent, rest, inner):
        self.name, self.start, self.parent, self.rest, self.inner = name, start, parent, rest, inner
        self.close = self.end = inner
        self.children = []

    @property
    def empty(self):
        """Whether it is written as one tag."""
        return self.rest.rstrip().endswith("/")

    @property
    def attributes(self):
        """Its attributes with their values as a person reads them."""
        return {name: unescape(value[1:-1]) for name, value in ATTRIBUTE.findall(self.rest)}

    def inside(self, name):
        """Whether an element of this name is above it."""
        above = self.parent
        while above is not None:
            if above.name == name:
                return True
            above = above.parent
        return False


class Document:
    """The elements of a text."""

    def __init__(self, text):
        self.text, self.elements = text, []
        at = None
        for token in TOKEN.finditer(text):
            name = token["name"]
            if name is None:
                continue
            if token["close"]:
                while at is not None and at.name != name:
                    at = at.parent
                if at is not None:
                    at.close, at.end = token.start(), token.end()
                    at = at.parent
                continue
            element = Element(name, token.start(), at, token["rest"], token.end())
            self.elements.append(element)
            if at is not None:
                at.children.append(element)
            if not element.empty:
                at = element

    @property
    def root(self):
        """The document's element, or nothing."""
        return self.elements[0] if self.elements else None

    def all(self, name, under=None):
        """Elements of a name, in their order."""
        return [it for it in self.elements if it.name == name and (under is None or it.inside(under))]

    def source(self, element):
        """An element as it is written."""
        return self.text[element.start : element.end]

    def content(self, element):
        """What is between its tags."""
        return self.text[element.inner : element.close]

    def with_source(self, element, source):
        """The text with this instead of the element."""
        return self.text[: element.start] + source + self.text[element.end :]

    def with_content(self, element, content):
        """The text with this between the element's tags."""
        if element.empty:
            tag = self.text[element.start : element.inner]
            tag = tag[: tag.rindex("/")].rstrip()
            return f"{self.text[:element.start]}{tag}>{content}</{element.name}>{self.text[element.end:]}"
        return self.text[: element.inner] + content + self.text[element.close :]

    def with_attribute(self, element, attribute):
        """The text with ` attribute` behind the element's name."""
        at = element.start + 1 + len(element.name)
        return f"{self.text[:at]} {attribute}{self.text[at:]}"

    def with_value(self, element, attribute, value):
        """The text with this (as it is to be written) as an attribute's value."""
        tag = self.text[element.start : element.inner]
        changed = re.sub(
            rf'(\s{re.escape(attribute)}\s*=\s*)("[^"]*"|\'[^\']*\')', lambda it: f'{it[1]}"{value}"', tag, count=1
        )
        return self.text[: element.start] + changed + self.text[element.inner :]

    def renamed(self, element, name):
        """The source of the element under another name."""
        opened = "<" + name + self.text[element.start + 1 + len(element.name) : element.inner]
        if element.empty:
            return opened
        return opened + self.content(element) + f"</{name}>"
