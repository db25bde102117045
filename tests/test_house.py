"""The house rules that tools can check: style, types, layers, and what a file may be called."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
SOURCES = [
    path
    for folder in ("fmnist_core", "fmnist_ui", "pages", "tests", "bench")
    for path in sorted((ROOT / folder).rglob("*.py"))
]


@pytest.mark.parametrize(
    "command",
    [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"], ["lint-imports"]],
    ids=["ruff", "format", "mypy", "layers"],
)
def test_the_tools_find_nothing(command: list[str]) -> None:
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_files_stay_small_and_say_what_they_are_about() -> None:
    long = [str(path) for path in SOURCES if len(path.read_text().splitlines()) > 600]
    vague = re.compile(r"(utils?|helpers?|managers?|misc|common)\.py")
    named = [str(path) for path in SOURCES if vague.fullmatch(path.name)]
    assert (long, named) == ([], [])


def test_requirements_are_pinned_and_explained_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    for line in (ROOT / "requirements.txt").read_text().split():
        name, separator, _ = line.partition("==")
        assert separator, f"{line} is not pinned"
        assert f"`{name}`" in readme, f"{name} has no line in the README"


@pytest.mark.parametrize("package", ["fmnist_core", "fmnist_ui"])
def test_the_tree_in_the_docs_is_that_of_the_packages(package: str) -> None:
    """Of the core all modules have a line, of the pages all packages."""
    text = (ROOT / "docs/architecture.md").read_text()
    _, _, rest = text.partition(f"\n    {package}/ ")
    below = re.split(r"\n    (?! )|\n\n", rest)[0]
    drawn = re.findall(r"^      (\S+)", below, re.MULTILINE)
    folders = [f"{path.parent.name}/" for path in (ROOT / package).glob("*/__init__.py")]
    modules = {path.name for path in (ROOT / package).glob("*.py")} - {"__init__.py", "__main__.py"}
    there = [*folders, "assets/", *modules] if package == "fmnist_core" else folders
    assert sorted(drawn) == sorted(there)


def test_the_readme_stays_short_and_what_it_links_to_is_there() -> None:
    readme = (ROOT / "README.md").read_text()
    assert len(readme.splitlines()) < 150
    pages = ["README.md", "CONTRIBUTING.md", *(str(path) for path in (ROOT / "docs").glob("*.md"))]
    gone = [
        f"{page}: {link}"
        for page in pages
        for link in re.findall(r"\]\(([^)#:\s]+)", (ROOT / page).read_text())
        if not ((ROOT / page).parent / link).exists()
    ]
    assert gone == []


def test_all_of_the_lab_takes_keras_as_the_lab_sets_it() -> None:
    bare = re.compile(r"^\s*(import keras|from keras)\b", re.MULTILINE)
    # The one place that sets Keras up.
    allowed = {"fmnist_core/lab_keras.py"}
    found = {
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path.is_relative_to(ROOT / "fmnist_core") and bare.search(path.read_text())
    }
    assert found == allowed


def test_the_docstring_of_a_package_lists_only_modules_that_exist() -> None:
    """A line of such a list is `name   words`; it may name several, or a file such as `page.js`."""
    listed = re.compile(r"^([\w.]+(?:, [\w.]+)*) {2,}\S", re.MULTILINE)
    gone = [
        f"{path.parent.relative_to(ROOT)}: {name}"
        for path in SOURCES
        if path.name == "__init__.py"
        for line in listed.findall(ast.get_docstring(ast.parse(path.read_text())) or "")
        for name in line.split(", ")
        if not (path.parent / name).exists() and not (path.parent / f"{name}.py").exists()
    ]
    assert gone == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Not even inside functions or for types: who does cannot be read, or moved, on its own."""
    modules = {_dotted(path): path for path in SOURCES}
    graph = {name: _imported(path, modules) - {name} for name, path in modules.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" <- ".join(error.args[1]))


def _dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(path: Path, modules: dict[str, Path]) -> set[str]:
    named = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            named |= {name if name in modules else str(node.module) for name in inner}
    return named & modules.keys()


def test_nothing_of_the_pages_moves_where_less_motion_is_wanted() -> None:
    """Transitions stand below the question for them; scripts ask before they scroll smoothly."""
    moving = re.compile(r"\b(transition|animation)\s*:|behavior: |@keyframes")
    asked = re.compile(r"prefers-reduced-motion: no-preference|calm\.matches \?")
    found = []
    for path in (ROOT / "fmnist_ui").rglob("*"):
        if path.suffix in (".py", ".html", ".css", ".js"):
            lines = path.read_text().splitlines()
            for above, line in zip(["", *lines], lines, strict=False):
                if moving.search(line) and not asked.search(above + line):
                    found.append(f"{path.name}: {line.strip()}")
    assert found == []
