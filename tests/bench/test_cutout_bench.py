"""`bench.cutout`: learns from a teacher and pasted garments, goes on, and writes the network."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from bench.cutout import main
from fmnist_core.preprocessing import cutout


@pytest.fixture
def material(tmp_path: Path) -> list[str]:
    """Bright squares on dark ground, on white and none; the teacher takes red for garment."""
    rng = np.random.default_rng(0)
    for name, ground, count in (("photos", 60, 40), ("garments", 255, 24), ("backgrounds", 80, 4)):
        (tmp_path / name).mkdir()
        for number in range(count):
            picture = np.full((96, 96, 3), ground, np.uint8)
            if name != "backgrounds":
                x, y = rng.integers(15, 30, 2)
                picture[y : y + 50, x : x + 50] = (30, 30, 230)
            cv2.imwrite(str(tmp_path / name / f"{name}{number}.png"), picture)
    folders = [part for name in NAMES for part in (f"--{name}", str(tmp_path / name))]
    return [str(tmp_path / "work"), "--teacher", str(teacher(tmp_path)), *folders]


NAMES = ("photos", "garments", "backgrounds")


def teacher(folder: Path) -> Path:
    weights = helper.make_tensor("w", TensorProto.FLOAT, (1, 3, 1, 1), [1.0, -0.5, -0.5])
    node = helper.make_node("Conv", ["x", "w"], ["y"])
    shapes = [("x", (1, 3, 320, 320)), ("y", (1, 1, 320, 320))]
    taken, given = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes
    )
    graph = helper.make_graph([node], "teacher", [taken], [given], [weights])
    path = folder / "teacher.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)]), path)
    return path


@pytest.mark.training
def test_it_goes_on_where_it_was_stopped_and_the_lab_reads_what_it_wrote(
    material, capsys, monkeypatch
):
    assert main([*material, "--epochs", "1", "--steps", "2"]) == 0
    assert "teacher 40 of 40" in capsys.readouterr().out
    assert main([*material, "--epochs", "2", "--steps", "2"]) == 0
    said = capsys.readouterr().out
    assert "teacher" not in said
    assert "epoch 2:" in said
    assert "epoch 1:" not in said
    assert "IoU photographs 0." in said
    written = Path(material[0]) / "cutout.onnx"
    assert written.stat().st_size < 1_000_000
    monkeypatch.setattr(cutout, "NETWORK", written)
    shares = cutout.garment_probability(np.zeros((60, 90, 3), np.uint8))
    assert shares.shape == (60, 90)
