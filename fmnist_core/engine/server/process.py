"""`python -m fmnist_core.engine.server.process`: the engine's own process.

Not called `__main__`: a local worker, which is a process of its own, imports the module that the
engine was started with before anything of Dask, unless that has this name.
"""

import sys

from fmnist_core.engine.server.service import serve
from fmnist_core.settings import keep_private, load_settings
from fmnist_core.subprocess_env import import_own_dask

_settings = load_settings()
keep_private(_settings)
import_own_dask(_settings)

if __name__ == "__main__":
    sys.exit(serve(_settings))
