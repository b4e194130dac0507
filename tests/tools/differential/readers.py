"""Three readers of the same bytes: dvpack, .NET (through `dotnet-read.ps1`), and Python's zipfile with expat.

The last two give `{"error", "parts": {name: sha256}, "xml": {name: tree or None}}`; a tree is [element, {attribute: value}, child...].
"""

import hashlib
import json
import os
import select
import subprocess
import zipfile
import zlib
from xml.parsers import expat

PATIENCE = 60

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))


class Dvpack:
    """The program under test."""

    def __init__(self, program, home):
        self.program = program
        self.environment = {"PATH": os.environ["PATH"], "HOME": home, "NO_COLOR": "1", "RAYON_NUM_THREADS": "1"}

    def run(self, *arguments):
        """Exit code, stdout and stderr. A hang and a crash have codes of their own: 124 and what the system says."""
        try:
            done = subprocess.run(
                [self.program, *arguments], capture_output=True, env=self.environment, timeout=PATIENCE, check=False
            )
        except subprocess.TimeoutExpired:
            return 124, "", f"no end after {PATIENCE} seconds"
        return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")

    def fit(self, path):
        """Makes the other files of a bundle fit its bundle.json and its solutions; whether that could be done."""
        tool = os.environ.get("DVPACK_FITTED", f"{REPOSITORY}/target/debug/examples/fitted")
        made = f"{path}.fitted"
        done = subprocess.run([tool, path, made], env=self.environment, timeout=PATIENCE, check=False)
        if done.returncode != 0:
            return False
        os.replace(made, path)
        return True

    def json(self, *arguments):
        """Exit code, and the document on stdout or nothing."""
        code, out, err = self.run("--format", "json", *arguments)
        try:
            return code, json.loads(out)
        except ValueError:
            return code, {"message": (out + err)[:400]}


class DotNet:
    """One process that reads many packages."""

    def __init__(self, shared):
        self.command = [
            f"{shared}/pwsh/pwsh",
            "-NoProfile",
            "-NonInteractive",
            "-File",
            f"{shared}/oracles/dotnet-read.ps1",
            "-",
        ]
        self.process = None
        self.rest = b""

    def ask(self, path):
        """Starts to read a package; `answer` waits for it."""
        if self.process is None or self.process.poll() is not None:
            self.rest = b""
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
            )
        self.process.stdin.write(path.encode() + b"\n")

    def answer(self):
        """What .NET read."""
        while b"\n" not in self.rest:
            ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
            more = os.read(self.process.stdout.fileno(), 1 << 20) if ready else b""
            if not more:
                self.close()
                return {"error": "no answer", "parts": {}, "xml": {}}
            self.rest += more
        line, self.rest = self.rest.split(b"\n", 1)
        said = json.loads(line)
        parts = {name.removeprefix("/"): it["sha256"] for name, it in said["parts"].items()}
        trees = {name.removeprefix("/"): tree if isinstance(tree, list) else None for name, tree in said["xml"].items()}
        return {"error": said["error"], "parts": parts, "xml": trees}

    def close(self):
        """Ends the process."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def python(path):
    """What Python's own zipfile and expat read. What has two entries under one name is refused, as .NET does."""
    found = {"error": None, "parts": {}, "xml": {}}
    try:
        with zipfile.ZipFile(path) as file:
            for info in file.infolist():
                if info.filename in found["parts"]:
                    found["error"] = f"two entries `{info.filename}`"
                data = file.read(info)
                if info.filename.lower() == "[content_types].xml":
                    continue
                found["parts"][info.filename] = hashlib.sha256(data).hexdigest()
                if info.filename.lower().endswith(".xml"):
                    found["xml"][info.filename] = tree(data)
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        OSError,
        UnicodeError,
        EOFError,
    ) as error:
        found["error"] = str(error)
    return found


def tree(data):
    """The tree of a document as expat reads it, or nothing."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    top, open_elements, texts = [], [], [[]]

    def flush():
        # .NET leaves out what has only blanks; text beside comments is one text.
        text = "".join(texts[-1])
        if open_elements and text.strip():
            open_elements[-1].append(text)
        texts[-1] = []

    def start(name, attributes):
        # The oracle's table of attributes knows no case: the last of several wins.
        folded = {}
        for key, value in attributes.items():
            first = next((known for known in folded if known.lower() == key.lower()), key)
            folded[first] = value
        element = [name, folded]
        if open_elements:
            flush()
            open_elements[-1].append(element)
        else:
            top.append(element)
        open_elements.append(element)
        texts.append([])

    def end(_):
        flush()
        texts.pop()
        open_elements.pop()

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = lambda text: texts[-1].append(text)
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError, UnicodeError):
        return None
    return top[0] if top else None
