"""What people read is in the field's terms: no private words, US spelling, one style of numbers.

Read are all strings of the pages, the configurations, the command line and the shipped lessons,
but for docstrings. A string without a space is a key, not words; one with `export default` is a
component's script.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PYTHON = ("pages", "fmnist_ui", "fmnist_core/config", "fmnist_core/cli", "fmnist_core/evaluation")
TEXTS = ("fmnist_ui/**/*.yaml", "fmnist_ui/**/*.html", "fmnist_core/exchange/**/*.html")

# What is not to be read any more, and what is to be read instead.
PRIVATE = {
    r"taken for": "predicted",
    r"\breally (?-i:[A-Z{])": "true class",
    r"too modest|too sure|surest": "underconfident, overconfident, most confident",
    r"keep silent|withh[eo]ld": "abstain, selective prediction",
    r"\bprobes?\b": "pinned images",
    r"\bsuspects?\b(?! if)": "label issues",
    r"look inside": "explain",
    r"unfold the map": "compute t-SNE",
    r"what excites|walking uphill|excites it": "activation maximization, gradient ascent",
    r"\bmend(ed)?\b|\bbreak it\b|\bis broken\b": "restore, ablation",
    r"(more|better|worse) (than|by) chance|counts alike|stays open|may be chance": "significant",
    r"\bslopes?\b": "gradients",
    r"look both ways": "test-time augmentation (flip)",
    r"epochs at rest": "frozen epochs",
    r"first weights|^its weights\.?$": "initial weights, pretrained weights",
    r"engine asleep|waking the engine": "engine idle, starting the engine",
    r"learn(s|ing)? from a teacher": "distillation",
    r"other cloth\b|laggards|by ratios": "texture, early pruning, log scale",
    r"^over time$|page over time|take home|bring one in": "training dynamics, export, import",
    r"\bjudged?\b|endlessly many|\bat hand\b": "evaluated, plain words",
    r"\bper cent\b|\d\}? %": "95%, no space",
    r"\bgrey|colour|neighbour|\bcentre|normalis|recognis|maximis|mislabelled|summaris": "US",
}
# Links and lessons of version 0.1 say these.
OLDER_WORDS = {"fmnist_ui/links/address.py"}


def words_of(path: Path) -> Iterator[tuple[int, str]]:
    """The strings of a module that may be read by people, with their lines."""
    tree = ast.parse(path.read_text())
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            said |= {id(part) for part in node.values}
            parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
            yield node.lineno, "".join(map(str, parts))
        elif (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said
        ):
            yield node.lineno, node.value


def lines_of(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a text, without its styles and comments."""
    text = re.sub(
        r"<style>.*?</style>|\{#.*?#\}|<[^>]*>|\{%.*?%\}",
        lambda found: "\n" * found[0].count("\n"),
        path.read_text(),
        flags=re.DOTALL,
    )
    yield from enumerate(re.sub(r"\{\{.*?\}\}", "{}", text).splitlines(), 1)


def everything() -> list[Path]:
    modules = [path for folder in PYTHON for path in sorted((ROOT / folder).rglob("*.py"))]
    return modules + [path for pattern in TEXTS for path in sorted(ROOT.glob(pattern))]


@pytest.mark.parametrize("path", everything(), ids=lambda path: str(path.relative_to(ROOT)))
def test_people_read_the_words_of_the_field(path: Path) -> None:
    if str(path.relative_to(ROOT)) in OLDER_WORDS:
        return
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text.strip()[:100]!r} → {instead}"
        for line, text in (words_of if path.suffix == ".py" else lines_of)(path)
        for private, instead in PRIVATE.items()
        if " " in text.strip() and "export default" not in text
        if re.search(private, text, re.IGNORECASE)
    ]
    assert not found, "\n".join(found)
