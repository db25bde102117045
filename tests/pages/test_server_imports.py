"""The Streamlit server never imports TensorFlow or Keras (docs/architecture.md).

Streamlit clears Keras' session after every rerun, and a rerun costs a hundred times more with
TensorFlow loaded.
"""

import os
import subprocess
import sys
from pathlib import Path

from fmnist_core.engine import lifecycle
from fmnist_core.settings import load_settings

ROOT = Path(__file__).parent.parent.parent

# A process of its own: this one may have trained a network before.
_VISIT = """
import sys
from streamlit.testing.v1 import AppTest

run, finished = sys.argv[1:3]
for page, query in [
    ("pages/home.py", {}), ("pages/try.py", {}), ("pages/data.py", {}),
    ("pages/train.py", {"run": "new"}),
    ("pages/train.py", {"run": run}), ("pages/train.py", {"run": finished}),
    ("pages/runs.py", {}), ("pages/evaluate.py", {"run": finished}),
    ("pages/predictions.py", {"run": finished}), ("pages/training_dynamics.py", {"run": finished}),
    ("pages/sweeps.py", {"sweep": "new"}),
    *[("pages/evaluate.py", {"run": finished, "section": each}) for each in (
        "Overview", "Confusion matrix", "Class report", "ROC & PR", "Calibration", "Errors",
        "Compare", "Label issues"
    )],
]:
    app = AppTest.from_file("app.py", default_timeout=60)
    app.switch_page(page)
    for key, value in query.items():
        app.query_params[key] = value
    # Folds that compute only when they are open.
    app.session_state["improve_pair"] = True
    app.run()
    assert not app.exception, (page, app.exception)
    assert len(app.title), page
import fmnist_core.engine.inference, fmnist_ui.explain.page
heavy = {"tensorflow", "keras", "jax", "distributed", "sklearn", "optuna"} & set(sys.modules)
print("loaded:", sorted(heavy))
"""


def test_no_page_loads_keras_tensorflow_or_the_engine(make_run):
    running = make_run("running", state="running", judged=False, worker="training-1")
    finished = make_run("finished")
    # Held, so that a page that finds work but no engine does not start a real one.
    with lifecycle.only_engine(load_settings()) as alone:
        assert alone
        visited = subprocess.run(
            [sys.executable, "-c", _VISIT, running.id, finished.id],
            cwd=ROOT,
            env=os.environ,
            capture_output=True,
            text=True,
            timeout=180,
        )
    assert visited.stdout.splitlines()[-1:] == ["loaded: []"], visited.stdout + visited.stderr
