#!/usr/bin/env python3
"""Runs commands and draws what a terminal would show as one SVG file.

    terminal_svg.py OUT.svg COMMAND [COMMAND ...]

Each command is a string for the shell; it is shown after a prompt, then its output (stdout and
stderr together, as on a terminal). Colours come from the ANSI codes that the command printed.
"""

import html
import re
import subprocess
import sys

COLUMNS = 124
CHARACTER, LINE, MARGIN = 8.4, 18, 16
PALETTE = {30: "#6e7681", 31: "#ff7b72", 32: "#7ee787", 33: "#e3b341", 34: "#79c0ff", 35: "#d2a8ff", 36: "#56d4dd", 37: "#e6edf3"}
SGR = re.compile(r"\x1b\[([0-9;]*)m")
OTHER = re.compile(r"\x1b\[[0-9;?]*[A-Za-ln-z]|\r(?!\n)")


def spans(line):
    """Yields (text, colour, bold, dim) for one line; the state does not outlive the line."""
    colour, bold, dim, at = PALETTE[37], False, False, 0
    for match in list(SGR.finditer(line)) + [None]:
        text = line[at : match.start() if match else len(line)]
        if text:
            yield text, colour, bold, dim
        if match is None:
            return
        at = match.end()
        codes = [int(code or 0) for code in match.group(1).split(";")]
        index = 0
        while index < len(codes):
            code = codes[index]
            if code == 0:
                colour, bold, dim = PALETTE[37], False, False
            elif code == 1:
                bold = True
            elif code == 2:
                dim = True
            elif 30 <= code <= 37:
                colour = PALETTE[code]
            elif 90 <= code <= 97:
                colour = PALETTE[code - 60]
            elif code == 38 and codes[index + 1 : index + 2] == [5]:
                colour = PALETTE.get(30 + codes[index + 2] % 8, PALETTE[37])
                index += 2
            index += 1


def cell(text, colour, bold, dim):
    weight = ' font-weight="bold"' if bold else ""
    faint = ' opacity=".65"' if dim else ""
    return f'<tspan fill="{colour}"{weight}{faint}>{html.escape(text)}</tspan>'


def main():
    target, commands = sys.argv[1], sys.argv[2:]
    lines = []
    for command in commands:
        lines.append(f"\x1b[32m$\x1b[0m \x1b[1m{command}\x1b[0m")
        run = subprocess.run(command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        lines += OTHER.sub("", run.stdout).rstrip("\n").split("\n") + [""]
    rows = []
    for number, line in enumerate(lines[:-1]):
        cells = "".join(cell(*span) for span in spans(line))
        rows.append(f'<text x="{MARGIN}" y="{MARGIN + 30 + number * LINE}" xml:space="preserve">{cells}</text>')
    width, height = COLUMNS * CHARACTER + 2 * MARGIN, len(rows) * LINE + 2 * MARGIN + 34
    with open(target, "w", encoding="utf-8", newline="\n") as file:
        file.write(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
            f'font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,DejaVu Sans Mono,monospace" font-size="14">\n'
            f"<title>dvpack in a terminal</title>\n"
            f'<rect width="100%" height="100%" rx="8" fill="#0d1117"/>\n'
            f'<g fill="#30363d"><circle cx="20" cy="18" r="6"/><circle cx="40" cy="18" r="6"/><circle cx="60" cy="18" r="6"/></g>\n'
            + "\n".join(rows)
            + "\n</svg>\n"
        )


main()
