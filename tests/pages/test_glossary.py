"""The glossary: its terms, the search, and that each link leads where it says."""

import pytest

from fmnist_ui.glossary import found_terms, glossary
from fmnist_ui.links import page_choices, training_of
from fmnist_ui.navigation import page_entry
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
