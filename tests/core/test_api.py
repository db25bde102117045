"""What `import fmnist_core` offers to notebooks and programs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import fmnist_core
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.errors import ConfigError, DataError, InputError, RunError
from fmnist_core.preprocessing.files import network_input_batches, network_inputs
from fmnist_core.runs.folder import RunFolder
from tests.nets import PLAIN

ROOT = Path(__file__).parent.parent.parent
OFFERED = [
    "RunConfig",
    "evaluate",
    "explain",
    "export",
    "load_dataset",
    "predict",
    "presets",
    "train",
]
_LOADED = "; print(sorted({'keras', 'tensorflow', 'pandas', 'plotly', 'numpy'} & set(sys.modules)))"


def said(code: str) -> str:
    """What a new Python process prints."""
    command = [sys.executable, "-c", f"import sys; {code}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_package_offers_these_names_and_loads_nothing_before_they_are_asked_for() -> None:
    assert fmnist_core.__all__ == OFFERED
    assert set(OFFERED) <= set(dir(fmnist_core))
    assert said("import fmnist_core" + _LOADED) == "[]"
    assert said("from fmnist_core import *" + _LOADED) == "['numpy']"
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        _ = fmnist_core.trian
    timed = (
        "import time; t = time.process_time(); import fmnist_core; print(time.process_time() - t)"
    )
    assert min(float(said(timed)) for _ in range(3)) < 0.05


@pytest.mark.parametrize(
    "first", ["explain.views", "exchange.exporting.exporting", "config.presets"]
)
def test_its_names_are_the_same_whatever_was_imported_before(first: str) -> None:
    """Importing a submodule replaces an attribute of the same name: so there must be none."""
    offered = (
        "print([str(getattr(fmnist_core, each)).split(' at ')[0] for each in fmnist_core.__all__], "
        "[type(getattr(fmnist_core.explain, each)) for each in fmnist_core.explain.__all__])"
    )
    before = f"import fmnist_core.{first}; {offered}"
    assert said(before) == said(f"import fmnist_core; {offered}")
    modules = {path.stem for path in (ROOT / "fmnist_core").iterdir()}
    assert modules & set(fmnist_core.__all__) == {"explain"}


@pytest.mark.training
def test_its_explanations_are_functions_when_their_modules_were_imported_first() -> None:
    modules = (
        "fmnist_core.explain.gradcam, fmnist_core.explain.integrated_gradients, fmnist_core.explain"
    )
    code = f"import {modules}.occlusion; import fmnist_core; "
    code += "print(*(type(getattr(fmnist_core.explain, each)).__name__ "
    code += "for each in fmnist_core.explain.__all__))"
    assert said(code) == "function function function"


def test_the_version_is_that_of_the_distribution_and_of_the_changelog() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "version" in project["project"]["dynamic"]
    source = project["tool"]["setuptools"]["dynamic"]["version"]["attr"]
    assert source == "fmnist_core.version.__version__"
    assert fmnist_core.__version__ == "0.2.0"
    first = next(
        line for line in (ROOT / "CHANGELOG.md").read_text().splitlines() if line.startswith("## ")
    )
    assert first.startswith(f"## [{fmnist_core.__version__}] - ")


def test_pictures_become_inputs_from_arrays_and_files(tmp_path: Path) -> None:
    image = np.arange(784, dtype=np.uint8).reshape(28, 28)
    assert network_inputs(image).shape == (1, 28, 28)
    file = tmp_path / "shirt.png"
    Image.fromarray(np.full((60, 40), 120, np.uint8)).save(file)
    assert network_inputs([file, str(file)]).shape == (2, 112, 112)
    assert network_inputs(file).dtype == np.uint8
    with pytest.raises(DataError, match="uint8 array of shape"):
        network_inputs(image / 255)
    with pytest.raises(InputError, match="No such file"):
        network_inputs(tmp_path / "none.png")


def test_many_files_become_inputs_some_at_a_time(tmp_path: Path) -> None:
    names = []
    for number in range(3):
        names.append(tmp_path / f"{number}.png")
        Image.fromarray(np.full((28, 28), 50 * number, np.uint8)).save(names[-1])
    many = names * 50
    batches = list(network_input_batches(many))
    assert [len(batch) for batch in batches] == [128, 22]
    assert np.array_equal(np.concatenate(batches), network_inputs(many))
    assert [batch.shape for batch in network_input_batches([])] == [(0, 112, 112)]
    assert [batch.shape for batch in network_input_batches(names[0])] == [(1, 112, 112)]
    late = network_input_batches([*many, tmp_path / "none.png"])
    assert len(next(late)) == 128
    with pytest.raises(InputError, match="No such file"):
        next(late)


@pytest.mark.training
def test_many_files_are_answered_in_their_order(tmp_path: Path) -> None:
    from fmnist_core.training.network import Classifier

    names = [tmp_path / "bag.png", tmp_path / "line.png"]
    for name, rows in zip(names, (slice(40, 160), slice(95, 100)), strict=True):
        picture = np.full((200, 200), 255, np.uint8)
        picture[rows, 40:160] = 60
        Image.fromarray(picture).save(name)
    many = [names[0]] * 127 + [names[1]] * 3
    sizes: list[int] = []
    whole = Classifier.answers
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            Classifier, "answers", lambda own, some: sizes.append(len(some)) or whole(own, some)
        )
        answers = fmnist_core.predict("shipped", many)
    assert sizes == [128, 2]
    alone = [fmnist_core.predict("shipped", name).probabilities[0] for name in names]
    expected = np.stack([alone[0]] * 127 + [alone[1]] * 3)
    np.testing.assert_allclose(answers.probabilities, expected, atol=1e-4)
    assert answers.answered_by == ("shipped-everyday",) * 130


def test_what_cannot_be_done_is_refused_before_keras_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="quick"):
        fmnist_core.train("quik", tmp_path / "run")
    with pytest.raises(RunError, match="holds no run"):
        fmnist_core.evaluate(tmp_path)
    with pytest.raises(RunError, match="Only runs"):
        fmnist_core.evaluate("shipped")
    with pytest.raises(ConfigError, match="no such format"):
        fmnist_core.export("shipped", "docx")


@pytest.mark.training
def test_a_run_in_any_folder_is_trained_evaluated_explained_and_exported(
    tmp_path: Path, garments: Dataset
) -> None:
    lab, run = fmnist_core, tmp_path / "my run"
    changes = {"epochs": 1, "model.blocks.0.filters": 4, "trace": False}
    result = lab.train(PLAIN, run, data=garments, changes=changes)
    assert (result.status, result.epochs) == ("finished", 1)
    assert RunFolder(run).config.training.dataset == "synthetic-garments"
    assert lab.evaluate(run, data=garments).accuracy == result.test_accuracy

    image = garments.test.images[0]
    answers = lab.predict(run, garments.test.images[:3])
    assert answers.probabilities.shape == (3, 10)
    assert lab.predict("shipped", image).answered_by == ("shipped-everyday",)

    predicted = int(answers.labels[0])
    heat = lab.explain.grad_cam_map(run, image)
    assert heat.shape == (28, 28)
    assert np.array_equal(heat, lab.explain.grad_cam_map(run, image, predicted))
    assert lab.explain.occlusion_map(run, image, 3).share == answers.probabilities[0, 3]
    attribution = lab.explain.integrated_gradients_map("shipped", image)
    assert attribution.shares.sum() == pytest.approx(attribution.difference, rel=0.02)
    with pytest.raises(ConfigError, match="0 to 9"):
        lab.explain.grad_cam_map(run, image, 10)
    with pytest.raises(DataError, match="One picture"):
        lab.explain.grad_cam_map(run, garments.test.images[:2])

    written = lab.export(run, "report", tmp_path / "out")
    assert (written.check, written.path.name) == (None, "my run-report.html")
