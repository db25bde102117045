"""`python -m fmnist_core`, which is the command `fmnist-lab` where the core is installed."""

import sys


def start() -> int:
    """Runs the command line; returns its exit status."""
    try:
        from fmnist_core.cli.main import main

        return main()
    except KeyboardInterrupt:
        # Ctrl-C while the commands were still being loaded.
        print("Interrupted.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(start())
