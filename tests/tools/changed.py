"""Changes one byte of a signed bundle at 42 places ($DVPACK_CHANGES) for each tool by others, and looks which one notices.

usage: changed.py DVPACK BUNDLE FOLDER PUBLIC.pem: a signed bundle, the same unpacked, and its key. Each tool must accept the
good one, and reject every change of what it covers. Of changes anywhere in its file it is told how many it rejects, and
why it cannot reject the others. `dvpack verify` covers every byte. openssl, securesystemslib and sigstore-js are tried by
signing.sh.
"""
import base64
import io
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import zipfile
import zlib

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from google.protobuf import json_format
from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement

program, bundle, folder, key = sys.argv[1:5]
TIMES = int(os.environ.get("DVPACK_CHANGES", "42"))
numbers = random.Random(9)
work = tempfile.mkdtemp()
content = open(bundle, "rb").read()


def change(data, at=None, to=None):
    """A copy with one byte changed."""
    out = bytearray(data)
    at = numbers.randrange(len(out)) if at is None else at
    out[at] = to if to is not None else out[at] ^ numbers.randrange(1, 256)
    return bytes(out)


def passes(*command, data, name):
    """Whether a program accepts bytes in a file."""
    path = os.path.join(work, name)
    with open(path, "wb") as file:
        file.write(data)
    ran = subprocess.run([part.replace("@", path) for part in command], capture_output=True, check=False)
    return ran.returncode == 0


def row(tool, covers, accepts, good, covered, anywhere=None, why=""):
    """Tries a tool, prints its row, and fails unless it rejects all changes of what it covers."""
    assert accepts(good), f"{tool} refuses the good one"
    inside = sum(not accepts(covered()) for _ in range(TIMES))
    print(f"ok   {tool}: accepts the good one, rejects {inside} of {TIMES} changes of {covers}")
    if anywhere:
        outside = sum(not accepts(anywhere()) for _ in range(TIMES))
        print(f"       anywhere in the file: {outside} of {TIMES}; {why}")
    assert inside == TIMES, f"{tool} accepts a change of {covers}"


def unpacked(data, size):
    """What a stream of deflate unpacks to, as far as its entry says, or None if it is none."""
    try:
        return zlib.decompressobj(-15).decompress(data)[:size]
    except zlib.error:
        return None


def archive_change():
    """A change in the packed content of some entry that unpacks to something else: a repetition can have two spellings, and
    not every reader looks at what comes behind the last byte that the entry says it has."""
    while True:
        info = numbers.choice([one for one in zipfile.ZipFile(io.BytesIO(content)).infolist() if one.compress_size > 1])
        start = info.header_offset + 30 + len(info.filename.encode())
        packed = slice(start, start + info.compress_size)
        changed = change(content, start + numbers.randrange(info.compress_size))
        before, after = (unpacked(data[packed], info.file_size) for data in (content, changed))
        if info.compress_type != zipfile.ZIP_DEFLATED or before != after:
            return changed


HEADERS = "times, attributes and versions in headers are what somebody wrote there, and two headers need not agree"


def python_accepts(data):
    """What `python3 -m zipfile -t` does."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.testzip() is None
    except Exception:  # pylint: disable=broad-except
        return False


def dvpack_accepts(data):
    """With the key of the signature."""
    return passes(program, "verify", "@", "--key", key, data=data, name="it.dvpack")


row("dvpack verify", "the file", dvpack_accepts, content, lambda: change(content))
shorter = [numbers.randrange(len(content)) for _ in range(TIMES)]
assert not any(dvpack_accepts(content[:length]) for length in shorter), "dvpack accepts a truncated bundle"
print(f"ok   dvpack verify: {TIMES} of {TIMES} truncations rejected")
row("python3 -m zipfile -t", "packed content", python_accepts, content, archive_change, lambda: change(content), HEADERS)
row("unzip -t", "packed content", lambda data: passes("unzip", "-tqq", "@", data=data, name="it.zip"), content,
    archive_change, lambda: change(content), HEADERS)

sums = open(os.path.join(folder, "SHA256SUMS"), encoding="utf-8").read()
names = [line.split("  ", 1)[1] for line in sums.splitlines()]
files = {name: open(os.path.join(folder, name), "rb").read() for name in names}


def sums_accept(changed):
    """`sha256sum -c` over all files, of which one may be other than it was."""
    for name, data in changed.items():
        path = os.path.join(work, "files", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
    ran = subprocess.run(["sha256sum", "-c", "--strict", "--quiet"], input=sums, text=True, capture_output=True,
                         cwd=os.path.join(work, "files"), check=False)
    for name in changed:
        with open(os.path.join(work, "files", name), "wb") as file:
            file.write(files[name])
    return ran.returncode == 0


def one_file():
    """One of the files, changed."""
    name = numbers.choice(names)
    return {name: change(files[name])}


row("sha256sum -c", "any file but signatures", sums_accept, files, one_file)

bill = files["sbom.cdx.json"]
validator = JsonStrictValidator(SchemaVersion.V1_6)
keys = [match.start(1) for match in re.finditer(rb'"([A-Za-z$-]+)":', bill)]


def bill_accepts(data):
    """Whether the schema takes a bill of materials."""
    try:
        return validator.validate_str(data.decode()) is None
    except ValueError:
        return False


row("CycloneDX schema", "the names of members", bill_accepts, bill, lambda: change(bill, numbers.choice(keys), ord("~")), lambda: change(bill),
    "a schema knows the form of a value, not the value")

solution = next(files[name] for name in names if name.endswith(".zip"))
document = zipfile.ZipFile(io.BytesIO(solution)).read("customizations.xml")
tags = [match.start() for match in re.finditer(b"</", document)]
row("xmllint", "the begin of an end tag", lambda data: passes("xmllint", "--noout", "--nonet", "@", data=data, name="it.xml"), document,
    lambda: change(document, numbers.choice(tags), ord("x")), lambda: change(document),
    "text and values of attributes are free as far as XML goes")

signature = next(name for name in os.listdir(os.path.join(folder, "signatures")) if name.endswith(".sigstore.json"))
envelope = json.load(open(os.path.join(folder, "signatures", signature), encoding="utf-8"))["dsseEnvelope"]
statement = base64.b64decode(envelope["payload"])
MEMBERS = ["_type", "subject", "predicateType", "predicate", "buildDefinition", "runDetails", "buildType", "externalParameters", "builder"]
members = [match.start(1) for name in MEMBERS for match in re.finditer(rb'"(%s)":' % name.encode(), statement)]


def statement_accepts(data):
    """Whether the bytes are a Statement with SLSA provenance."""
    try:
        Statement.copy_from_pb(json_format.Parse(data, statement_pb2.Statement())).validate()
        json_format.ParseDict(json.loads(data)["predicate"], provenance_pb2.Provenance())
    except (ValueError, KeyError, json_format.ParseError):
        return False
    return True


row("in-toto-attestation", "the names of members", statement_accepts, statement,
    lambda: change(statement, numbers.choice(members), ord("~")), lambda: change(statement),
    "it knows the form only; the signature over these bytes is what the tools above reject every change by")
