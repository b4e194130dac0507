"""Mutated solutions: a case is a base, one to three operators, and what they made of it; all from a seed.

An operator is a function of a `Case` and a random generator. It changes the case, says which variant it chose, and raises
`NotHere` where the base has nothing that it could change. Operators are run by phase: first what XML says, then how a document is written,
then the parts, then the zip, then the bundle around it.
"""

import io
import random
import warnings
import zipfile

from xmlform import normal
from xmltext import Document

CUSTOMIZATIONS, SOLUTION, TYPES = "customizations.xml", "solution.xml", "[Content_Types].xml"
OPERATORS = {}
XML, TEXT, PARTS, ZIP, BUNDLE = range(5)


class NotHere(Exception):
    """The base has nothing that this operator could change."""


def operator(phase):
    """Registers a function as an operator under its name."""

    def register(function):
        OPERATORS[function.__name__.replace("_", "-")] = (phase, function)
        return function

    return register


class Case:
    """A solution that is being changed."""

    def __init__(self, base, parts):
        self.base, self.parts = base, list(parts)
        self.stored, self.before, self.after, self.comment = set(), b"", b"", b""
        self.edit_zip = []
        self.must_show, self.must_list, self.must_refuse, self.edit_bundle = [], [], False, []
        self.operators, self.variants = [], []

    def part(self, name):
        """The content of a part."""
        for found, data in self.parts:
            if found == name:
                return data
        raise NotHere

    def put(self, name, data):
        """Another content for a part."""
        self.parts = [(found, data if found == name else old) for found, old in self.parts]

    def add(self, name, data, first=False):
        """A further entry, before all others or before the content types."""
        if isinstance(data, str):
            data = data.encode()
        at = 0 if first else next((i for i, (found, _) in enumerate(self.parts) if found == TYPES), len(self.parts))
        self.parts.insert(at, (name, data))

    def rename(self, old, new):
        """Another name for a part."""
        if not any(found == old for found, _ in self.parts):
            raise NotHere
        self.parts = [(new if found == old else found, data) for found, data in self.parts]

    def text(self, name):
        """A part as text, where it is UTF-8."""
        try:
            return self.part(name).decode("utf-8")
        except UnicodeDecodeError:
            raise NotHere from None

    def document(self, name=CUSTOMIZATIONS):
        """A part's elements."""
        document = Document(self.text(name))
        if document.root is None:
            raise NotHere
        return document

    def write(self, text, name=CUSTOMIZATIONS):
        """Another text for a part."""
        self.put(name, text.encode("utf-8", "surrogatepass"))

    def say(self, text, name=CUSTOMIZATIONS):
        """Another text for a part, in normal form: only for what it says it can be refused."""
        self.write(normal(text), name)

    def zip(self):
        """The solution's bytes."""
        buffer = io.BytesIO()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with zipfile.ZipFile(buffer, "w") as file:
                for name, data in self.parts:
                    info = zipfile.ZipInfo("x", (1980, 1, 1, 0, 0, 0))
                    info.filename = info.orig_filename = name
                    info.compress_type = zipfile.ZIP_STORED if name in self.stored else zipfile.ZIP_DEFLATED
                    file.writestr(info, data, compresslevel=1)
                file.comment = self.comment
        data = buffer.getvalue()
        for edit in self.edit_zip:
            data = edit(data)
        return self.before + data + self.after


def pick(rng, case, variants):
    """One of several named variants; its name goes into the report."""
    name = rng.choice(sorted(variants))
    case.variants.append(name)
    return variants[name]


def rewrite(case, rng, written, it, variants, part=CUSTOMIZATIONS, raw=False):
    """Puts one of several variants in an element's place, or in it; `written` is the document's method for that."""
    (case.write if raw else case.say)(written(it, pick(rng, case, variants)), part)


def in_another_case(case, rng, document, it):
    """An element's name in another case."""
    name = pick(rng, case, {"first letter": swapped, "small": str.lower, "capitals": str.upper})(it.name)
    if name == it.name:
        raise NotHere
    case.say(document.with_source(it, document.renamed(it, name)))
    case.variants.append(it.name)


def swapped(name):
    """Another case of a name: capitals small and the other way round for the first letter."""
    return name[0].swapcase() + name[1:]


def parts_of(data):
    """Names and contents of a zip, in their order."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return [(info.filename, file.read(info)) for info in file.infolist()]


def make(seed, index, bases, only=None):
    """Case `index` of a seed. `only`: these operators instead of those that chance would choose."""
    rng = random.Random(f"{seed}:{index}")
    names = sorted(OPERATORS)
    wanted = only
    if wanted is None:
        count = rng.choices([1, 2, 3], [60, 25, 15])[0]
        # The first goes through all operators in turn, so that each has its share.
        wanted = [names[index % len(names)]] + [rng.choice(names) for _ in range(count - 1)]
    for attempt in range(5):
        base = bases[rng.choices(range(len(bases)), [it.weight for it in bases])[0]]
        case = changed(base, wanted, f"{seed}:{index}:{attempt}")
        if wanted[0] in case.operators:
            break
    return case


def changed(base, wanted, seed):
    """A base after these operators, as far as they find something to change."""
    case = Case(base, base.parts)
    for name in sorted(dict.fromkeys(wanted), key=lambda it: OPERATORS[it][0]):
        rng = random.Random(f"{seed}:{name}")
        before = (list(case.parts), list(case.variants))
        for _ in range(4):
            try:
                OPERATORS[name][1](case, rng)
                case.operators.append(name)
                break
            except NotHere:
                case.parts, case.variants = list(before[0]), list(before[1])
    return case
