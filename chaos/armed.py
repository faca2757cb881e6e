"""The bot, unmodified, with points to die at: `python -m chaos.armed --orders FILE web`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.__main__ import main as bot
from chaos.points import Points, arm


def main(arguments: Sequence[str]) -> int:
    """Arm this process, then run a command of the bot's in it; its exit code."""
    parser = argparse.ArgumentParser(prog="python -m chaos.armed", description=__doc__)
    parser.add_argument("--orders", type=Path, required=True, help="where to look for an order")
    parser.add_argument("--wrong", action="store_true", help="the variant that sends too early")
    parser.add_argument("command", nargs="+", help="what comes after `python -m bot`")
    asked = parser.parse_args(arguments)
    if asked.wrong:
        from chaos.wrong import send_before_commit  # noqa: PLC0415 - never there by accident

        send_before_commit()
    arm(Points(asked.orders))
    return bot(asked.command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
