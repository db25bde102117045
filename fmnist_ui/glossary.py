"""The page Glossary: the field's terms, a sentence each, and where in the lab one sees them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

import streamlit as st
import yaml

from fmnist_ui.navigation import page_entry
from fmnist_ui.page_errors import plain

_FILE = Path(__file__).with_suffix(".yaml")
# Pixels in which a term can be read.
_LEAST_WIDTH = 270


@dataclass(frozen=True)
class Term:
    """A term of the field.

    Attributes:
        group: What it belongs to, such as "Training".
        meaning: One plain sentence.
        page, choices: Where in the lab one sees it: a page, and the choices in its address.
    """

    group: str
    name: str
    meaning: str
    page: str
    choices: tuple[tuple[str, str], ...] = ()


@cache
def glossary() -> tuple[Term, ...]:
    """All terms, in the order of the page."""
    groups = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tuple(
        Term(group, each["term"], each["says"], each["page"], tuple(each.get("set", {}).items()))
        for group, terms in groups.items()
        for each in terms
    )


def explained(*names: str) -> str:
    """These terms with their meanings, as the `help` of a heading, and the way to the glossary.

    Raises:
        KeyError: The glossary has no such term.
    """
    terms = {term.name: term for term in glossary()}
    lines = [f"**{name}:** {terms[name].meaning}" for name in names]
    return "\n\n".join([*lines, f"[Glossary](glossary?glossary_search={quote(names[0])})"])


def found_terms(words: str) -> list[Term]:
    """Terms with all of these words in their name or meaning; those with them in the name first."""
    wanted = words.lower().split()
    named = [term for term in glossary() if _holds(term.name, wanted)]
    told = [term for term in glossary() if _holds(f"{term.name} {term.meaning}", wanted)]
    return list(dict.fromkeys([*named, *told]))


def show_glossary() -> None:
    """A search field, then the terms in their groups."""
    words = st.text_input(
        "Search",
        key="glossary_search",
        placeholder="A term, such as calibration",
        icon=":material/search:",
        max_chars=80,
        width=360,
        bind="query-params",
    )
    terms = found_terms(words or "")
    if not terms:
        st.info(f"No term has “{plain(words or '')}” in it.", icon=":material/search_off:")
    for group in dict.fromkeys(term.group for term in terms):
        st.subheader(group, anchor=False)
        with st.grid(min_column_width=_LEAST_WIDTH):
            for term in terms:
                if term.group == group:
                    _show(term)


def _show(term: Term) -> None:
    entry = page_entry(term.page)
    with st.container(border=True, gap="xxsmall", key=f"card_term_{term.name}"):
        st.markdown(f"**{term.name}**  \n{term.meaning}")
        st.page_link(
            entry.script,
            label=f"See it on {entry.title}",
            icon=entry.icon,
            query_params=dict(term.choices) or None,
        )


def _holds(text: str, wanted: list[str]) -> bool:
    return all(word in text.lower() for word in wanted)
