"""Puts the promises to trouble: `python -m chaos [--short] [NAME...]`, or `make chaos` for all.

Prints what each proof counted and measured, and ends with 1 when one of them is broken.
"""

import argparse
import logging
import sys
import time
from collections.abc import Sequence

from chaos import (
    clean_drafts,
    fuzz,
    injections,
    kills,
    living,
    model_trouble,
    month,
    presses,
    slow_slack,
    stops,
)
from chaos.proof import Proof, named

# In the order in which they are run; a proof's name is its module's.
PROOFS: tuple[Proof, ...] = (
    model_trouble,
    fuzz,
    injections,
    clean_drafts,
    living,
    presses,
    slow_slack,
    month,
    kills,
    stops,
)


def main(arguments: Sequence[str]) -> int:
    """Run those named, else all; how many are broken decides the exit status."""
    names = [named(proof) for proof in PROOFS]
    parser = argparse.ArgumentParser(prog="python -m chaos", description="Put promises to trouble.")
    parser.add_argument("--short", action="store_true", help="the slice that the tests run")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(names)}")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.names) - set(names):
        parser.error(f"there is no proof called {', '.join(sorted(unknown))}")
    logging.disable(logging.CRITICAL)
    chosen = [proof for proof in PROOFS if not asked.names or named(proof) in asked.names]
    broken = sum(not _holds(proof, short=asked.short) for proof in chosen)
    print(f"\n{broken} broken" if broken else "\nall hold")
    return 1 if broken else 0


def _holds(proof: Proof, *, short: bool) -> bool:
    promise = (proof.__doc__ or "").partition("\n")[0]
    print(f"\n{named(proof)}: {promise}", flush=True)
    begun = time.monotonic()
    try:
        said, holds = proof.run(short), True
    except AssertionError as broken:
        said, holds = [str(broken), "  BROKEN"], False
    print(*said, f"  took {time.monotonic() - begun:.0f} s", sep="\n", flush=True)
    return holds


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
