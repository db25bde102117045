"""`python -m fmnist_core.engine`: the engine's own process, started by `presence.spawn`."""

import sys

from fmnist_core.engine.service import serve
from fmnist_core.settings import load_settings

if __name__ == "__main__":
    sys.exit(serve(load_settings()))
