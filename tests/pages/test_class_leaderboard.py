"""The leaderboard on the page Class."""

import numpy as np
import pytest

from fmnist_core.classwork import leaderboard as module
from fmnist_core.datasets.split import class_holdout
from fmnist_core.settings import load_settings
from fmnist_core.training.class_holdout import holdout_of_class
from tests.conftest import act_as
from tests.core.classroom.test_leaderboard import SYNTHETIC, config, trained  # noqa: F401
from tests.pages.reading import text


@pytest.fixture
def asked(config, garments, ada, monkeypatch):  # noqa: F811
    """A run of Ada's, whose network is always right when it is asked."""
    holdout = holdout_of_class(SYNTHETIC, load_settings())
    labels = garments.train.labels[class_holdout(garments.train.labels, holdout)]
    monkeypatch.setattr(module, "classify", lambda *_: np.eye(10)[labels])
    return trained(ada, config, 0.9)


def test_teacher_and_students_see_who_is_first(open_app, classroom, ada, asked):
    act_as(classroom.teach(classroom.pin))
    app = open_app("class", {"class_section": "Leaderboard"})
    job = module._jobs.get(module._Board(load_settings()).key)
    assert job is None or job.wait(20)
    app.run()
    (frame,) = [table.value for table in app.dataframe]
    assert frame["Student"].tolist() == ["Ada"]
    assert frame["Accuracy"].tolist() == [1.0]
    assert "On 20 training images of" in text(app)
    app.segmented_control(key="leaderboard_against").set_value("parameters").run()
    assert module.shown_against(load_settings()) == "parameters"
    act_as(ada)
    app = open_app("class", {"class_section": "Leaderboard"})
    (frame,) = [table.value for table in app.dataframe]
    assert frame["Student"].tolist() == ["Ada (you)"]
    assert not app.segmented_control
