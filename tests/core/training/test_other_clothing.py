"""A network with an eleventh output learns to tell clothes outside the ten classes."""

from __future__ import annotations

import json

import numpy as np
import pytest

import fmnist_core as lab
from fmnist_core.augmentation.mixture import NEGATIVE, Mixture
from fmnist_core.classes import OTHER_CLOTHING, OUTPUT_NAMES
from fmnist_core.collections import CollectionStore, Items
from fmnist_core.collections.content import drawing_content
from fmnist_core.config import ModelConfig, StyleAugmentationConfig, TrainConfig, override
from fmnist_core.errors import CollectionError, ConfigError
from fmnist_core.evaluation import separation
from fmnist_core.models.plan import plan
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained import SHIPPED
from fmnist_core.settings import load_settings
from fmnist_core.training.check import check_run
from fmnist_core.training.extra_samples import ExtraSamples, check_collections
from fmnist_core.training.fine_tuning import fine_tuning
from tests.nets import events, small, tiny, train

SHARE = "style_augmentation.other_clothing=0.5"


def hat(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """A brim and a crown, of lines: no garment of the ten is drawn so."""
    left, right, top = rng.uniform(10, 30), rng.uniform(225, 245), rng.uniform(60, 100)
    brim = np.array([[left, right], [180, 180]], np.float32)
    crown = np.array([[80, 80, 175, 175], [180, top, top, 180]], np.float32)
    return brim, crown


def hats(count: int) -> Items:
    rng = np.random.default_rng(5)
    none, labels = np.zeros(0, np.int64), np.full(count, OTHER_CLOTHING)
    return Items((), tuple(hat(rng) for _ in range(count)), none, labels)


def collect_hats(name: str = "hats", count: int = 12) -> None:
    rng = np.random.default_rng(5)
    contents = [(drawing_content(hat(rng)), OTHER_CLOTHING) for _ in range(count)]
    CollectionStore(load_settings()).put(name, contents)


def test_the_eleventh_output_is_there_where_it_is_asked_for():
    assert plan(ModelConfig())[-1].shape == (10,)
    assert plan(ModelConfig(other_clothing=True))[-1].shape == (11,)
    assert override(tiny(), ["model.other_clothing=true"]).model.outputs == len(OUTPUT_NAMES)


@pytest.mark.parametrize("style", [{"other_clothing": 0.3}, {"negatives": 0.3}])
def test_other_clothing_is_shown_with_its_label_or_as_negatives(garments, style):
    config = StyleAugmentationConfig(**style)
    train_images = garments.train
    apart = Mixture(train_images, config, [hats(4)], other_clothing=True).epoch(0)[1]
    counts = {label: int((apart == label).sum()) for label in (OTHER_CLOTHING, NEGATIVE)}
    many = pytest.approx(0.3 * len(train_images), abs=3)
    assert counts[OTHER_CLOTHING] == (many if "other_clothing" in style else 0)
    assert counts[NEGATIVE] == (many if "negatives" in style else 0)
    # A network without that output must not take them for any of the ten.
    without = Mixture(train_images, config, [hats(4)]).epoch(0)[1]
    assert not (without == OTHER_CLOTHING).any()
    assert (without == NEGATIVE).sum() == counts[NEGATIVE]


def test_a_network_without_the_output_sees_other_clothing_among_its_negatives(garments):
    style = StyleAugmentationConfig(negatives=0.4)
    plain = Mixture(garments.train, style).epoch(0)
    with_hats = Mixture(garments.train, style, [hats(4)]).epoch(0)
    assert with_hats[0].shape == plain[0].shape
    others = with_hats[1] == NEGATIVE
    assert (with_hats[0][others] != plain[0][others]).any()


def test_a_collection_of_other_clothing_without_effect_is_refused():
    collect_hats()
    chosen = ("dataset=synthetic-garments", 'collections=["hats"]')
    with pytest.raises(CollectionError, match="other clothing alone"):
        check_collections(tiny(*chosen, "model.other_clothing=true"), load_settings())
    check_collections(tiny(*chosen, "model.other_clothing=true", SHARE), load_settings())
    with pytest.raises(CollectionError, match="without clothing has no effect"):
        check_collections(tiny(*chosen), load_settings())
    check_collections(tiny(*chosen, "negatives=0.2"), load_settings())


def test_a_run_says_what_it_does_with_other_clothing_that_its_network_does_not_know():
    own = ExtraSamples((hats(4), hats(3)), {})
    assert own.note(tiny("model.other_clothing=true", SHARE)) == ""
    for little in ("0", "1e-9"):
        hidden = tiny("model.other_clothing=true", f"style_augmentation.other_clothing={little}")
        assert "labeled other clothing: 7. They are not shown" in own.note(hidden)
    assert "are not shown" in own.note(tiny("negatives=1e-9"))
    assert "labeled other clothing: 7" in own.note(tiny("negatives=0.1"))
    assert "count as negatives" in own.note(tiny("negatives=0.1"))
    assert "are not shown" in own.note(tiny())
    assert ExtraSamples((), {}).note(tiny()) == ""


def test_a_share_of_other_clothing_needs_the_output():
    check_run(tiny("model.other_clothing=true", SHARE))
    with pytest.raises(ConfigError, match="needs a network with that output"):
        check_run(tiny(SHARE))


@pytest.mark.parametrize(("share", "then"), [(0.0, 0.1), (0.3, 0.3)])
def test_fine_tuning_shows_other_clothing_to_a_network_with_that_output(share, then):
    collect_hats()
    settings, share_of = load_settings(), f"style_augmentation.other_clothing={share}"
    run = RunFolder.create(settings.runs_dir, tiny("model.other_clothing=true", share_of))
    config = fine_tuning(run.id, "hats", settings)
    assert config.training.style_augmentation.other_clothing == then
    check_run(config)
    check_collections(config, settings)
    assert ExtraSamples((hats(4),), {}).note(config) == ""
    ten = RunFolder.create(settings.runs_dir, tiny())
    without = fine_tuning(ten.id, "hats", settings)
    assert without.training.style_augmentation.other_clothing == 0
    check_run(without)


def test_fine_tuning_records_its_dynamics_whatever_its_source_did():
    settings = load_settings()
    run = RunFolder.create(settings.runs_dir, tiny("record_dynamics=false"))
    for source in (run.id, SHIPPED):
        assert fine_tuning(source, "hats", settings).training.record_dynamics


@pytest.mark.training
@pytest.mark.parametrize("output", ["logits", "softmax"])
def test_the_loss_wants_the_eleventh_output_or_none(output):
    from fmnist_core.training.compile import ClothingAccuracy, compiled_model

    changes = (f"output={output}", "model.other_clothing=true", "negatives=0.2")
    config = tiny(*changes)
    model = compiled_model(config, steps_per_epoch=4)

    def loss(label: int, logits: np.ndarray) -> float:
        shares = np.exp(logits) / np.exp(logits).sum()
        said = logits if output == "logits" else shares
        labels = np.array([label], np.uint8)
        return float(model.compute_loss(y=labels, y_pred=said[None].astype(np.float32)))

    flat = np.zeros(11)
    for label in (0, 9, OTHER_CLOTHING):
        assert loss(label, 4 * np.eye(11)[label]) < loss(label, flat) - 1
    # Negatives are uncertain over all eleven.
    assert loss(NEGATIVE, flat) == pytest.approx(np.log(11), rel=1e-5)
    assert loss(NEGATIVE, 4 * np.eye(11)[OTHER_CLOTHING]) > loss(NEGATIVE, flat) + 1
    metric = ClothingAccuracy(config.model)
    said = np.eye(11, dtype=np.float32)[[OTHER_CLOTHING, 3, 0]]
    said[0, 4] = 0.5
    metric.update_state(np.array([4, 3, OTHER_CLOTHING], np.uint8), said)
    # Of the ten classes, the first is the likeliest as well.
    assert float(metric.result()) == 1


@pytest.mark.training
@pytest.mark.parametrize(("own", "theirs"), [(10, 11), (11, 10), (11, 11)])
def test_a_teacher_may_know_other_clothing_and_its_student_not(own, theirs, garments, tmp_path):
    from fmnist_core.models.build import build_model
    from fmnist_core.runs.events import EventWriter
    from fmnist_core.runs.status import Control
    from fmnist_core.training.distillation_targets import distillation_targets

    def config(outputs: int, *changes: str):
        return tiny(f"model.other_clothing={str(outputs > 10).lower()}", *changes)

    class Never:
        def read(self) -> Control:
            return Control()

    teacher = RunFolder.create(load_settings().runs_dir, config(theirs))
    build_model(teacher.config.model).save(teacher.model_path)
    student = RunFolder.create(load_settings().runs_dir, config(own, f"teacher={teacher.id}"))
    events = EventWriter(student.events_path)
    about = (garments.train, load_settings(), events, Never())
    rows = distillation_targets(student, student.config, *about)
    events.close()
    assert rows.shape == (len(garments.train), 1 + own)
    np.testing.assert_allclose(rows[:, 1:].sum(axis=1), 1, rtol=1e-5)
    assert (rows[:, -1] == 0).all() == (own > theirs)


@pytest.mark.training
def test_it_learns_to_tell_other_clothing(garments, tmp_path, capsys):
    from fmnist_core.augmentation.sketch_rendering import distorted, draw_sketch, pen_drawing
    from fmnist_core.cli.main import main
    from fmnist_core.preprocessing.resize import fit_to

    collect_hats()
    changes = (
        *("model.other_clothing=true", SHARE, "synthetic_sketches=0.5", "negatives=0.2"),
        *('collections=["hats"]', "epochs=6"),
    )
    folder = load_settings().runs_dir / "learned"
    result = train(small(*changes), folder, data=garments)
    run = RunFolder(folder)
    assert result.test_accuracy > 0.5
    # Ten classes are evaluated, and watched while it learns.
    evaluation = json.loads(run.evaluation_path.read_text())
    assert np.shape(evaluation["confusion"]) == (10, 10)
    assert lab.evaluate(folder, data=garments).accuracy == pytest.approx(result.test_accuracy)
    rng = np.random.default_rng(77)
    drawn = [distorted([part.T / 256 for part in hat(rng)], 0.5, rng) for _ in range(60)]
    clothes = np.stack([fit_to(pen_drawing(parts, 0, rng), 28) for parts in drawn])
    sketches = np.stack([draw_sketch(n % 10, 0.5, rng) for n in range(200)])
    said = lab.predict(folder, np.concatenate([clothes, sketches]))
    assert said.probabilities.shape == (260, 10)
    np.testing.assert_allclose(said.probabilities.sum(axis=1), 1, rtol=1e-5)
    scores = said.other_clothing
    assert separation(scores[:60], scores[60:]).auroc > 0.8
    assert 0 < run.calibration.other_clothing_threshold < 1
    assert said.is_other_clothing[:60].mean() > 0.5
    assert said.is_other_clothing[60:].mean() < 0.2
    assert not (said.is_other_clothing & ~said.is_clothing).any()
    # The explanations are about one of the ten.
    assert lab.explain.occlusion_map(folder, sketches[0]).loss.shape == (28, 28)
    # On the command line.
    from PIL import Image

    Image.fromarray(255 - np.kron(clothes[0], np.ones((8, 8), np.uint8))).save(tmp_path / "h.png")
    capsys.readouterr()
    assert main(["predict", str(tmp_path / "h.png"), "--model", "learned", "--jsonl"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert len(row["probabilities"]) == 10
    assert 0 <= row["other_clothing"] <= 1


UNTAUGHT = "No item of other clothing is learned from: the network will call nothing so."


@pytest.mark.training
def test_nothing_is_called_other_clothing_by_a_network_that_never_saw_any(garments):
    from fmnist_core.training import evaluate_run_folder

    runs = load_settings().runs_dir

    def trained(*changes: str) -> RunFolder:
        config = tiny("model.other_clothing=true", "epochs=1", *changes)
        folder = RunFolder.create(runs, config)
        train(config, folder.path, data=garments)
        return folder

    def notes(folder: RunFolder) -> list[str]:
        return [event["text"] for event in events(folder.path, "note")]

    without = trained()
    assert without.calibration.other_clothing_threshold == 1
    assert UNTAUGHT in notes(without)
    collect_hats()
    store = CollectionStore(load_settings())
    drawings = [drawing_content(hat(np.random.default_rng(seed))) for seed in (6, 7)]
    store.put("both", [*zip(drawings, (8, OTHER_CLOTHING), strict=True)])
    hidden = trained('collections=["both"]', "collection_share=0.1", "negatives=0.1")
    assert hidden.calibration.other_clothing_threshold == 1
    assert UNTAUGHT in notes(hidden)
    shown = trained('collections=["hats"]', SHARE)
    assert shown.calibration.other_clothing_threshold < 1
    assert UNTAUGHT not in notes(shown)
    # Weights that were taken over whole keep what they know.
    gone_on = trained(f"initial_weights={shown.id}")
    assert gone_on.calibration.other_clothing_threshold < 1
    assert UNTAUGHT not in notes(gone_on)
    # Evaluated again it stays so.
    for folder, knows in ((without, False), (shown, True), (gone_on, True)):
        evaluate_run_folder(folder, data=garments)
        assert (folder.calibration.other_clothing_threshold < 1) == knows


def test_what_older_versions_saved_opens():
    old = ModelConfig.__dataclass_fields__
    assert old["other_clothing"].default is False
    from fmnist_core.models.calibration import Calibration, calibrated_predictions

    kept = {"temperature": 1.2, "clothing_threshold": -0.5, "clothing_scale": 0.1, "images": 9}
    calibration = Calibration.from_json(kept)
    said = calibrated_predictions(np.eye(11, dtype=np.float32) * 50, calibration)
    assert not said.is_other_clothing.any()
    assert said.other_clothing[OTHER_CLOTHING] > 0.99
    ten = calibrated_predictions(np.eye(10, dtype=np.float32) * 50, calibration)
    assert np.isnan(ten.other_clothing).all()
    assert not ten.is_other_clothing.any()
    assert TrainConfig().style_augmentation.other_clothing == 0
