"""Programs in processes of their own, for what may hang or end one."""

import subprocess
import sys
import textwrap

SECONDS = 300  # a program that takes longer hangs; each takes one or two by itself


def run(*parts, arguments=(), flags=()):
    """Run a program, given in parts; return its exit status and all that it printed."""
    program = "\n".join(textwrap.dedent(part) for part in parts)
    done = subprocess.run(
        [sys.executable, *flags, "-c", program, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    return done.returncode, done.stdout
