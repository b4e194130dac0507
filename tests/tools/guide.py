"""Runs every command of docs/guide.md in order and compares what comes out with what the page shows.

usage: guide.py DVPACK [--update]. With --update the page gets the output of this run.
A `console` block has commands after the prompts `isv$`, `admin$` and `sandbox$`: each prompt has a folder of its own, `sandbox$` runs in
the background. A `yaml` block with `title=PATH` is written to that file first. Digests, keys and sizes may differ from the page, but what is one
digest on the page must be one digest in the run, and the other way round.
"""
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGE = os.path.join(ROOT, "docs", "guide.md")
PORT = "8080"
PROMPT = re.compile(r"^(isv|admin|sandbox)\$ (.*)$")


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return str(taken.getsockname()[1])


class Stage:
    def __init__(self, dvpack):
        self.top = tempfile.mkdtemp()
        self.port = free_port()
        self.code = 0
        self.running = []
        os.mkdir(os.path.join(self.top, "bin"))
        os.symlink(os.path.abspath(dvpack), os.path.join(self.top, "bin", "dvpack"))
        path = os.path.join(self.top, "bin") + os.pathsep + os.environ["PATH"]
        self.env = {who: {"PATH": path, "HOME": self.folder(who), "COLUMNS": "120", "TZ": "UTC", "DVPACK_TEST_PACE": "1000",
                          "USER": "guide"} for who in ("isv", "admin", "sandbox")}

    def folder(self, who):
        folder = os.path.join(self.top, who)
        os.makedirs(folder, exist_ok=True)
        return folder

    def write(self, path, text):
        path = os.path.join(self.top, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def run(self, who, command):
        command = command.replace(PORT, self.port)
        if command.startswith("export "):
            for name, value in re.findall(r"(\w+)=(\S+)", command):
                self.env[who][name] = value
            return ""
        if who == "sandbox":
            log = open(os.path.join(self.top, "sandbox.out"), "w+", encoding="utf-8")
            self.running.append(subprocess.Popen(command.split(), cwd=self.folder(who), env=self.env[who], stdout=log, stderr=log))
            for _ in range(100):
                time.sleep(0.1)
                with open(log.name, encoding="utf-8") as file:
                    text = file.read()
                if "another terminal" in text:
                    return text.replace(self.port, PORT)
            sys.exit(f"the sandbox did not start: {text}")
        ran = subprocess.run(["bash", "-c", f"(exit {self.code}); {command}"], cwd=self.folder(who), env=self.env[who],
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
        self.code = ran.returncode
        text = ran.stdout.decode().replace(self.port, PORT)
        # A sandbox in the same process takes a port of its own, and so it is a different one each time.
        return re.sub(r"http://127\.0\.0\.1:(?!8080\b)\d+/", "http://127.0.0.1:40000/", text)

    def close(self):
        for process in self.running:
            process.terminate()
            process.wait()
        shutil.rmtree(self.top)


DIGEST = re.compile(r"\b[0-9a-f]{16,64}\b")


class Digests:
    """Which digest of the page is which digest of this run."""
    def __init__(self):
        self.pairs = {}, {}

    def agree(self, shown, given):
        for one, other in zip(DIGEST.findall(shown), DIGEST.findall(given)):
            if self.pairs[0].setdefault(one, other) != other or self.pairs[1].setdefault(other, one) != one:
                return False
        return True


def masked(text):
    text = DIGEST.sub("<digest>", text)
    text = re.sub(r"\b\d+ bytes\b", "<size> bytes", text)
    return [line.rstrip() for line in text.strip().split("\n")]


def main():
    update = "--update" in sys.argv
    stage = Stage(sys.argv[1])
    with open(PAGE, encoding="utf-8") as file:
        lines = file.read().split("\n")
    out, wrong, commands, digests = [], [], 0, Digests()
    try:
        index = 0
        while index < len(lines):
            opening = lines[index]
            out.append(opening)
            index += 1
            if not opening.startswith("```") or opening == "```":
                continue
            end = lines.index("```", index)
            block = lines[index:end]
            index = end
            title = re.search(r"title=(\S+)", opening)
            if title:
                stage.write(title.group(1), "\n".join(block) + "\n")
            if not opening.startswith("```console"):
                out += block
                continue
            position = 0
            while position < len(block):
                prompt = PROMPT.match(block[position])
                if not prompt:
                    sys.exit(f"output without a command: {block[position]}")
                written = [block[position]]
                command = prompt.group(2)
                while command.endswith("\\"):
                    position += 1
                    written.append(block[position])
                    command = command[:-1] + block[position].strip()
                position += 1
                shown = []
                while position < len(block) and not PROMPT.match(block[position]):
                    shown.append(block[position])
                    position += 1
                given = stage.run(prompt.group(1), command)
                commands += 1
                out += written
                page = "\n".join(shown)
                if masked(given) != masked(page) or not digests.agree(page, given):
                    wrong.append(f"{command}\n--- page\n{page}\n--- now\n{given}")
                out += given.rstrip("\n").split("\n") if given.strip() else []
    finally:
        stage.close()
    if update:
        with open(PAGE, "w", encoding="utf-8") as file:
            file.write("\n".join(out))
        print(f"docs/guide.md: {commands} commands, {len(wrong)} outputs changed")
    elif wrong:
        sys.exit("docs/guide.md shows something else; `guide.py DVPACK --update` rewrites it:\n\n" + "\n\n".join(wrong))
    else:
        print(f"docs/guide.md: {commands} commands do what the page shows")


main()
