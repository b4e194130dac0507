"""Filters of OData, as far as a client of Dataverse needs them. Shares nothing with dvpack's own sandbox."""

import datetime
import re


class Fault(Exception):
    """A refusal: HTTP status, code, message."""

    def __init__(self, status, code, message, headers=()):
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, list(headers)


TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*')|([(),])|([^\s(),']+))")


def tokens(text):
    at, out = 0, []
    while at < len(text):
        if text[at:].strip() == "":
            break
        m = TOKEN.match(text, at)
        if not m:
            raise Fault(400, "0x80060888", "Syntax error at %d in %r" % (at, text))
        at = m.end()
        out.append(m.group(1) or m.group(2) or m.group(3))
    return out


def compile_filter(text, known):
    t, pos = tokens(text), [0]
    peek = lambda: t[pos[0]] if pos[0] < len(t) else None

    def take(x=None):
        v = peek()
        if v is None or (x and v != x):
            raise Fault(400, "0x80060888", "Syntax error: %r expected in %r" % (x, text))
        pos[0] += 1
        return v

    def operand():
        v = take()
        if v.startswith("'"):
            s = v[1:-1].replace("''", "'")
            return lambda row: s
        if v == "null":
            return lambda row: None
        if v in ("true", "false"):
            return lambda row: v == "true"
        if re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", v):
            return lambda row: v.lower()
        if re.fullmatch(r"-?\d+(\.\d+)?", v):
            return lambda row: float(v)
        if re.match(r"\d{4}-\d\d-\d\dT", v):
            return lambda row: datetime.datetime.fromisoformat(v.replace("Z", "+00:00"))
        known(v)
        return lambda row: row_value(row, v)

    def row_value(row, path):
        for p in path.split("/"):
            row = row.get(p) if isinstance(row, dict) else None
        return row

    def norm(a):
        if isinstance(a, bool):
            return a
        if isinstance(a, (int, float)):
            return float(a)
        if isinstance(a, str):
            if re.match(r"\d{4}-\d\d-\d\dT", a):
                return datetime.datetime.fromisoformat(a.replace("Z", "+00:00"))
            return a.lower()
        return a

    def primary():
        if peek() == "not":
            take()
            inner = primary()
            return lambda row: not inner(row)
        if peek() == "(":
            take()
            inner = either()
            take(")")
            return inner
        if peek() in ("contains", "startswith", "endswith"):
            f = take()
            take("(")
            a = operand()
            take(",")
            b = operand()
            take(")")

            def call(row):
                x, y = (norm(a(row)) or ""), norm(b(row))
                return {"contains": y in x, "startswith": x.startswith(y), "endswith": x.endswith(y)}[f]

            return call
        a = operand()
        op = take()
        b = operand()
        if op not in ("eq", "ne", "gt", "ge", "lt", "le"):
            raise Fault(400, "0x80060888", "operator %r" % op)

        def cmp(row):
            x, y = norm(a(row)), norm(b(row))
            if op == "eq":
                return x == y
            if op == "ne":
                return x != y
            if x is None or y is None:
                return False
            return {"gt": x > y, "ge": x >= y, "lt": x < y, "le": x <= y}[op]

        return cmp

    def joined(word, operand, join):
        x = operand()
        while peek() == word:
            take()
            x = join(x, operand())
        return x

    def both():
        return joined("and", primary, lambda a, b: lambda row: a(row) and b(row))

    def either():
        return joined("or", both, lambda a, b: lambda row: a(row) or b(row))

    f = either()
    if peek() is not None:
        raise Fault(400, "0x80060888", "Syntax error after %r" % text)
    return f


def split(text, sep):
    out, depth, q, cur = [], 0, False, ""
    for c in text:
        if c == "'":
            q = not q
        if not q:
            depth += c == "("
            depth -= c == ")"
        if c == sep and depth == 0 and not q:
            out.append(cur)
            cur = ""
        else:
            cur += c
    return [x for x in out + [cur] if x.strip()]
