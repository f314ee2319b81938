"""Make docs/demo.svg: run the commands below in a pseudo-terminal and draw what the terminal showed in the end.

Run it from anywhere; it needs what `make demo` needs, trains once, and deletes the run that it made.
`--keep` keeps the run.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(__file__).with_name("demo.svg")
RUNS = ROOT / "runs"
PROJECT = "examples/clinic/clinic.zip"
COMMANDS = (
    ("train", PROJECT, "--type", "ner", "--split", "tags", "--deploy"),
    ("why", PROJECT, "5"),
)
COLUMNS, ROWS = 110, 60
KEPT = ("ALABTRAIN_CACHE", "ALABTRAIN_MAVEN")

# A control sequence (parameters, final letter), a link (dropped), a line end, or text.
_PIECE = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|([\r\n])|([^\x1b\r\n]+)")
# The picture fetches nothing: it takes whatever monospaced font there is.
_WEB_FONT = re.compile(r"\s*@font-face \{[^}]*\}")


class Screen:
    """As much of a terminal as rich's progress bars need: lines that are erased and written anew."""

    def __init__(self) -> None:
        self.lines: list[str] = [""]
        self._row = 0

    def write(self, output: str) -> None:
        """Take what a program wrote; colours stay in the lines as they came."""
        for parameters, final, end, text in _PIECE.findall(output):
            if end == "\n":
                self._row += 1
                self.lines += [""] * (self._row + 1 - len(self.lines))
            elif text:
                self.lines[self._row] += text
            elif final == "A":
                self._row = max(0, self._row - int(parameters or 1))
            elif final == "K":
                self.lines[self._row] = ""
            elif final == "m":
                self.lines[self._row] += f"\x1b[{parameters}m"


def run(arguments: Sequence[str]) -> str:
    """Return what `alabtrain ARGUMENTS` writes to a terminal of our size; a failure ends the script."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    dropped = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES")
    environment = {
        name: value
        for name, value in os.environ.items()
        if name in KEPT or not (name.startswith("ALABTRAIN_") or name in dropped)
    }
    environment.update({"TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": str(ROOT)})
    process = subprocess.Popen(
        [sys.executable, "-m", "alabtrain", *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=ROOT,
        env=environment,
    )
    os.close(theirs)
    written = bytearray()
    while piece := _read(ours):
        written += piece
    os.close(ours)
    output = written.decode("utf-8")
    if process.wait() != 0:
        sys.exit(f"alabtrain {' '.join(arguments)} ended with {process.returncode}:\n{output}")
    return output


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # EIO: the program has closed its end
        return b""


def draw(lines: Sequence[str]) -> None:
    """Write the lines, with their colours, as an SVG of a terminal window."""
    from rich.console import Console
    from rich.text import Text

    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere, force_terminal=True, color_system="truecolor")
        for line in lines:
            console.print(Text.from_ansi(line.rstrip()), highlight=False, no_wrap=True, crop=True)
        picture = console.export_svg(title="alabtrain", unique_id="demo")
    picture = _WEB_FONT.sub("", picture)
    TARGET.write_text("\n".join(line.rstrip() for line in picture.splitlines()) + "\n", encoding="utf-8")


def main() -> int:
    """Run the commands, draw the screen, and delete the run."""
    before = set(RUNS.iterdir()) if RUNS.is_dir() else None
    lines: list[str] = []
    for arguments in COMMANDS:
        screen = Screen()
        screen.write(run(arguments))
        lines += [f"\x1b[1m$ alabtrain {' '.join(arguments)}\x1b[0m", *screen.lines]
    draw(lines)
    if "--keep" not in sys.argv[1:]:
        for made in set(RUNS.iterdir()) - (before or set()):
            shutil.rmtree(made)
        if before is None:
            RUNS.rmdir()
    return 0


if __name__ == "__main__":
    sys.exit(main())
