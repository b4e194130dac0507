"""Breaks every write of dvpack, one after another, and looks at what is left.

usage: faults.py DVPACK [--all]; needs Linux and strace (and, for full and read-only disks, unshare and root).

For each verb that writes a file: it is run once to count its system calls that touch files it makes (open for writing,
write, fsync, rename, unlink), then once for each of them with that call failing (no space, read-only, input/output error,
quota) or with the process killed there. Without --all, of more than SOME calls of one kind (the many files of a folder) only
as many are tried, evenly chosen; a rename is never left out. Afterwards the final name must hold either what was there before or the whole
new file, never a part; a failed run must say so with a message that names the path and exit code 1.
"""
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

program = os.path.abspath(sys.argv[1])
repository = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
top = tempfile.mkdtemp(prefix="dvpack-faults-")
SOME = None if "--all" in sys.argv else 6
CALLS = ["openat", "write", "fsync", "rename", "renameat2", "mkdir", "unlink", "linkat"]
ERRORS = {"openat": ["ENOSPC", "EROFS"], "write": ["ENOSPC", "EIO"], "fsync": ["EIO", "ENOSPC"], "rename": ["EROFS", "EIO"],
          "renameat2": ["EROFS"], "mkdir": ["EROFS", "ENOSPC"], "unlink": ["EROFS"], "linkat": ["EROFS"]}
ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": top, "DVPACK_KEY_PASSPHRASE": "sesame",
               # strace counts the calls of each thread by itself: with one thread for the work they are the same in each run.
               "RAYON_NUM_THREADS": "1"}


def skip(why):
    print(f"skipped: {why}, so no fault was injected")
    shutil.rmtree(top)
    sys.exit(1 if os.environ.get("DVPACK_NO_SKIP") else 0)


if shutil.which("strace") is None:
    skip("no strace")
if subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False).returncode != 0:
    skip("strace may not trace here")

source = os.path.join(repository, "examples/contoso-widgets")
subprocess.run([program, "build", source, "-o", f"{top}/made"], check=True, capture_output=True, env=ENVIRONMENT)
bundle = next(f"{top}/made/{name}" for name in os.listdir(f"{top}/made") if name.endswith(".dvpack"))
solution = next(f"{top}/made/{name}" for name in os.listdir(f"{top}/made") if name.endswith(".zip"))
key = f"{top}/key.pem"
subprocess.run(["openssl", "genpkey", "-algorithm", "ED25519", "-out", key], check=True, capture_output=True)
shutil.copytree(source, f"{top}/project", ignore=shutil.ignore_patterns("dist"))
subprocess.run([program, "unpack", solution, f"{top}/unpacked"], check=True, capture_output=True, env=ENVIRONMENT)

# Verb: arguments and the files or folders that it makes below the folder `out`. Ed25519 signs alike every time.
VERBS = {
    "build": (["build", f"{top}/project", "-o", "out"], None),
    "sign": (["sign", bundle, "--key", key, "-o", "out/it.dvpack"], None),
    "pack": (["pack", f"{top}/unpacked", "out/it.zip"], None),
    "unpack": (["unpack", solution, "out/folder", "--force"], "folder"),
    "init": (["init", "out", "--force"], None),
    "schema": (["schema", "-o", "out/schema.json"], None),
    "plan": (["plan", bundle, "--sandbox", "-o", "out/plan.json"], None),
}


def tree(folder):
    """Path below `folder` to digest; temporary files and folders of dvpack aside."""
    found = {}
    for at, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".dvpack-")]
        for name in files:
            if not name.startswith(".dvpack-"):
                path = os.path.join(at, name)
                with open(path, "rb") as file:
                    found[os.path.relpath(path, folder)] = digest_of(file.read())
    return found


def digest_of(content):
    """What tells whether a file is whole: its digest; a plan has the sandbox's port in it and must be whole JSON."""
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    if isinstance(document, dict) and "steps" in document:
        return "a whole plan"
    return hashlib.sha256(content).hexdigest()


def left_over(folder):
    """Temporary files that were left."""
    return [name for _, folders, files in os.walk(folder) for name in folders + files if name.startswith(".dvpack-")]


def run(name, before, *strace):
    """A run in a fresh folder; gives exit code, what it says, and the folder."""
    folder = f"{top}/run"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(f"{folder}/out")
    if before:
        shutil.copytree(before, f"{folder}/out", dirs_exist_ok=True)
    command = [*strace, program, "-q", *VERBS[name][0]]
    ran = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False)
    return ran.returncode, ran.stderr, folder


def ours(line):
    """Whether a traced call is about a file that dvpack makes: below `out`, or a temporary one."""
    return "out" in line or ".dvpack-" in line


def points(name, before):
    """How many times each call is made on files below `out`, as numbers of the call among all of its kind."""
    log = f"{top}/log"
    code, said, _ = run(name, before, "strace", "-f", "-y", "-o", log, "-e", "trace=" + ",".join(CALLS))
    assert code in (0, 10), f"{name}: {said}"
    seen, found = {}, []
    with open(log, encoding="utf-8", errors="replace") as file:
        for line in file:
            match = re.match(r"(\d+) +([a-z0-9]+)\(", line)
            if match and match[2] in CALLS:
                # strace counts the calls of each thread by itself.
                call, thread = match[2], (match[1], match[2])
                seen[thread] = seen.get(thread, 0) + 1
                writes = call != "openat" or "O_WRONLY" in line or "O_RDWR" in line or "O_CREAT" in line
                if writes and ours(line) and (f"{top}/run" in line or '"out' in line or '".dvpack-' in line):
                    found.append((call, seen[thread]))
    chosen = []
    for call in CALLS:
        numbers = sorted({number for kind, number in found if kind == call})
        if SOME and len(numbers) > SOME and not call.startswith("rename"):
            numbers = [numbers[round(index * (len(numbers) - 1) / (SOME - 1))] for index in range(SOME)]
        chosen += [(call, number) for number in numbers]
    return chosen


def hit(log):
    """Whether a call that was made to fail was about a file that dvpack makes."""
    with open(log, encoding="utf-8", errors="replace") as file:
        return any("(INJECTED)" in line and ours(line) for line in file)


def lost_words(log):
    """Whether the call that was made to fail was the one that would have said so."""
    with open(log, encoding="utf-8", errors="replace") as file:
        return any("(INJECTED)" in line and re.search(r" write\(2[<,]", line) for line in file)


total = {"kill": 0, "error": 0}
quiet = 0
for name in VERBS:
    code, said, folder = run(name, None)
    assert code in (0, 10), f"{name}: {said}"
    old = f"{top}/old-{name}"
    # What stands there before is ours, and other than what will be written.
    shutil.copytree(f"{folder}/out", old)
    whole = tree(old)
    assert whole, name
    again, _, folder = run(name, old)
    new = tree(f"{folder}/out")
    for before in [None, old]:
        was = tree(before) if before else {}
        for call, number in points(name, before):
            for fault in ["kill", *ERRORS[call]]:
                what = "signal=KILL" if fault == "kill" else f"error={fault}"
                code, said, folder = run(name, before, "strace", "-f", "-y", "-o", f"{top}/log", "-e", f"trace={call}", "-e", f"inject={call}:{what}:when={number}")
                now = tree(f"{folder}/out")
                if fault != "kill" and (not hit(f"{top}/log") or "failed to wake I/O driver" in said):
                    continue  # Another thread made a call of that number too, on a pipe inside the process.
                if fault == "kill" and code in (0, 10) and now == new:
                    continue  # Several threads make folders at once, and not equally many calls each time.
                if fault == "kill":
                    assert code == -9, f"{name}: it was not killed at {call} number {number}, but ended with {code}"
                total["kill" if fault == "kill" else "error"] += 1
                here = f"{name}, {fault} at {call} number {number}"
                for path, digest in now.items():
                    assert digest in (was.get(path), new.get(path)), f"{here}: `{path}` is neither the old nor the new file"
                for path in was:
                    # A folder is replaced by two renames; between them its old content is in the temporary folder.
                    assert path in now or (VERBS[name][1] and fault == "kill"), f"{here}: `{path}` is gone"
                if fault != "kill":
                    if code in (0, 10):
                        quiet += 1
                        assert now == new, f"{here}: it says that it is done, but is not"
                    else:
                        assert code == 1, f"{here}: exit code {code}\n{said}"
                        # The message itself may have met the fault: a thread counts its calls by itself.
                        assert lost_words(f"{top}/log") or re.search("No space|Read-only|Input/output|out|dvpack-", said), f"{here}: {said}"
                        assert "panicked" not in said, f"{here}: {said}"
print(f"ok   faults: killed at {total['kill']} calls, {total['error']} calls failed (ENOSPC, EROFS, EIO) in "
      f"{len(VERBS)} verbs: no partial file under a final name ({quiet} of the failed calls did no harm)")

# A disk that is really full, and one that is really read-only.
if os.geteuid() == 0 and subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0:
    for name in VERBS:
        script = f"""
            set -e; cd "$1"; mkdir -p disk; mount -t tmpfs -o size=24k none disk; mkdir disk/out; cd disk
            dd if=/dev/zero of=fill bs=1k count=20 2>/dev/null || true; echo one >out/keep; shift
            set +e; "$@" 2>../said-full; echo $? >../code-full; set -e
            find . -path ./fill -prune -o -type f -print | sort >../left-full
            rm fill; mount -o remount,ro disk 2>/dev/null || mount -o remount,ro .; set +e; "$@" 2>../said-ro; echo $? >../code-ro
        """
        folder = f"{top}/disk-{name}"
        os.makedirs(folder)
        subprocess.run(["unshare", "-m", "bash", "-c", script, "-", folder, program, "-q", *VERBS[name][0]], env=ENVIRONMENT, check=True, capture_output=True)
        for kind, words in [("full", "No space left"), ("ro", "Read-only file system")]:
            with open(f"{folder}/code-{kind}", encoding="utf-8") as file:
                code = int(file.read())
            with open(f"{folder}/said-{kind}", encoding="utf-8") as file:
                said = file.read()
            small = kind == "full" and code in (0, 10)
            assert small or (code == 1 and words in said), f"{name}, {kind}: {code} {said}"
        with open(f"{folder}/left-full", encoding="utf-8") as file:
            left = [line for line in file.read().split() if ".dvpack-" in line]
        assert not left, f"{name}: a temporary file was left on a full disk: {left}"
    print(f"ok   faults: {len(VERBS)} verbs on a full and on a read-only disk say so, and leave nothing behind")
else:
    print("skipped: not root, or no unshare, so no full and no read-only disk was mounted")
shutil.rmtree(top)
