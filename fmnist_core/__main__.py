"""`python -m fmnist_core`."""

import sys


def _start() -> int:
    try:
        from fmnist_core.cli.main import main

        return main()
    except KeyboardInterrupt:
        # Ctrl-C while the commands were still being loaded.
        print("Interrupted.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(_start())
