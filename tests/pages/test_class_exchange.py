"""Giving a run to a neighbor: a code on one page, a copy with its origin on another."""

from fmnist_core.classroom import Exchange
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import load_settings
from tests.conftest import act_as
from tests.pages.reading import text


def test_a_code_brings_a_copy_to_a_neighbor(open_app, classroom, ada, make_run, engine_there):
    act_as(ada)
    run = make_run("deep", saved=True)
    app = open_app("runs", run=run.id)
    app.button(key="exchange_give").click().run()
    [offer] = Exchange(load_settings())._offers()
    assert offer.code.upper() in text(app).upper().replace(" ", "")
    bob = classroom.join(classroom.code, "Bob")
    act_as(bob)
    app = open_app("export")
    app.text_input(key="exchange_code").set_value("wrong").run()
    app.button(key="exchange_take").click().run()
    assert any("does not work" in box.value for box in app.error)
    app.text_input(key="exchange_code").set_value(offer.code).run()
    app.button(key="exchange_take").click().run()
    assert "copied from Ada's run deep" in text(app)
    [copy] = [one for one in list_runs(load_settings()) if one.owner == bob.id]
    assert app.selectbox[0].value == copy.id
    app = open_app("runs")
    assert "by you · copied from Ada's run deep" in text(app)
    assert copy.name == "deep"


def test_alone_nobody_is_offered_a_code(open_app, make_run, engine_there):
    run = make_run("deep", saved=True)
    for page in ("runs", "export"):
        app = open_app(page, run=run.id)
        assert not [b.key for b in app.button if str(b.key).startswith("exchange")]
