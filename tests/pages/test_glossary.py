"""The glossary: its terms, the search, and that each link leads where it says."""

import ast

import pytest

from fmnist_ui.glossary import explained, found_terms, glossary
from fmnist_ui.links import page_choices, training_of
from fmnist_ui.navigation import PAGE_NAMES, page_entry
from tests.pages.conftest import ROOT
from tests.pages.reading import words


@pytest.mark.parametrize("term", glossary(), ids=lambda term: term.name)
def test_each_term_has_a_sentence_and_a_place(term):
    assert term.meaning.endswith(".")
    assert 25 < len(term.meaning) < 160
    assert page_entry(term.page).name == term.page
    choices = dict(term.choices)
    if term.page == "train":
        assert choices.pop("run", "new") == "new"
        assert not training_of(choices)[1]
    elif choices:
        assert not page_choices(term.page, choices)[1]


def test_no_term_is_explained_twice():
    names = [term.name for term in glossary()]
    assert len(set(names)) == len(names) >= 60


def test_a_search_finds_names_before_meanings():
    found = [term.name for term in found_terms("Accuracy")]
    assert found[0] == "Accuracy"
    assert "ECE" in found
    assert found_terms("no such thing") == []


def test_the_page_shows_what_is_searched_for(open_app, engine_there):
    app = open_app("glossary")
    assert "Confusion matrix" in words(app)
    app.text_input(key="glossary_search").set_value("t-SNE").run()
    assert "Confusion matrix" not in words(app)
    assert "See it on Explain" in [link.label for link in app.get("page_link")]
    app.text_input(key="glossary_search").set_value("<b>").run()
    assert "No term has" in words(app)


def test_headings_explain_terms_that_the_glossary_has():
    trees = [ast.parse(path.read_text()) for path in (ROOT / "fmnist_ui").rglob("*.py")]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    asked = [call.args for call in calls if getattr(call.func, "id", "") == "explained"]
    names = {ast.literal_eval(name) for each in asked for name in each}
    assert len(names) > 15
    assert names <= {term.name for term in glossary()}
    assert "[Glossary](glossary?glossary_search=F1%20score)" in explained("F1 score", "Recall")


@pytest.mark.parametrize("entry", [one for one in PAGE_NAMES if one != "home"])
def test_each_page_says_what_usually_comes_next(open_app, engine_there, entry):
    app = open_app(entry)
    assert app.get("page_link")[-1].proto.label == f"Next: {page_entry(entry).leads_to[1]}"
    assert page_entry(page_entry(entry).leads_to[0])


def test_a_lesson_says_by_itself_what_comes_next(open_app, engine_there):
    app = open_app("data", lesson="which-pairs-are-hard")
    assert not [one for one in app.get("page_link") if one.proto.label.startswith("Next: ")]
