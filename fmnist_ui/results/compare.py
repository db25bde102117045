"""Comparing runs: curves, configurations side by side, seeds and significance."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Iterable, Sequence

import streamlit as st

from fmnist_core.config import RunConfig
from fmnist_core.config.override import path_label
from fmnist_core.errors import DataError, LabError
from fmnist_core.evaluation import (
    Repeats,
    SeedGroup,
    Spread,
    WelchDifference,
    group_of,
    repeats,
    repeats_of,
    seed_groups,
    seeds_needed,
    welch,
)
from fmnist_core.runs.differences import SettingRow, config_differences
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import History, ReadHistory, follow
from fmnist_core.runs.library import DAMAGED, RunSummary, list_runs
from fmnist_core.runs.naming import differences
from fmnist_core.settings import load_settings
from fmnist_ui.components.data_table import COUNT, SHARE, WRITTEN, Column, data_table
from fmnist_ui.figures.live_curves import METRICS, Metric, run_curves
from fmnist_ui.page_errors import plain
from fmnist_ui.theme import palette, show_chart
from fmnist_ui.train.choice import show_repeat
from fmnist_ui.train.seeds_view import mean_and_spread
from fmnist_ui.words import (
    UNKNOWN,
    chance,
    data_title,
    labels,
    percent,
    points,
    spanning,
    state_words,
    whole,
)

# As many fit a phone without scrolling; all of them are in the table of configurations.
_MOST_SETTINGS = 8

# Colors repeat after eight; a table of more columns is read by nobody.
_MOST_COMPARED = 24

# With fewer of each, only differences several times the spread can be told from chance.
_FEW = 5


def show(runs: Sequence[RunSummary]) -> None:
    """Curves of `runs` over each other and their configurations side by side."""
    runs = [run for run in runs if run.state != DAMAGED]
    if not runs:
        return
    shown = _best(runs)
    if len(shown) < len(runs):
        st.caption(
            f"Curves and configurations of {len(shown)} of {whole(len(runs))} runs, those with the "
            "highest validation accuracy. Tick runs to compare others."
        )
    names = labels(shown)
    _show_curves(shown, names)
    _show_seeds(runs)
    _show_configurations(shown, names)


def _best(runs: Sequence[RunSummary]) -> list[RunSummary]:
    """In their order, as many as can be told apart; each is read anew at every look."""
    ranked = sorted(runs, key=lambda run: -(run.best_validation_accuracy or 0.0))
    kept = {run.id for run in ranked[:_MOST_COMPARED]}
    return [run for run in runs if run.id in kept]


def warn_about_data(runs: Sequence[RunSummary]) -> None:
    """Says so where accuracies cannot be compared, because the runs learned from other images."""
    names = sorted({run.data for run in runs})
    prints = {run.fingerprint for run in runs if run.fingerprint}
    if len(names) <= 1 and len(prints) <= 1:
        return
    which = " and ".join(data_title(name) for name in names) if len(names) > 1 else "other images"
    st.warning(
        f"These runs were trained on different data ({which}); their accuracies cannot be "
        "compared.",
        icon=":material/balance:",
    )


def _show_curves(runs: Sequence[RunSummary], names: dict[str, str]) -> None:
    histories = {names[run.id]: _history(run.id) for run in runs}
    if not any(history.epochs_done for history in histories.values()):
        st.caption("No epoch is complete yet, so there is no curve.")
        return
    metric = _choose_metric(histories)
    chart = run_curves(histories, metric, palette())
    show_chart(chart, key="run_curves")
    left_out = [name for name in histories if name not in set(chart.data["run"])]
    if left_out:
        st.caption(f"Without {metric.title.lower()}: {plain(', '.join(left_out))}.")


def _choose_metric(histories: dict[str, History]) -> Metric:
    # Where no run held images back, begin with what there is.
    points = [point for history in histories.values() for point in history.epochs_done]
    usable = [metric for metric in METRICS if any(metric.of(point) is not None for point in points)]
    titles = {metric.title: metric for metric in usable or METRICS}
    title = st.segmented_control(
        "Curve",
        list(titles),
        default=next(iter(titles)),
        required=True,
        key="run_metric",
        label_visibility="collapsed",
    )
    return titles[title] if title in titles else next(iter(titles.values()))


def _history(run_id: str) -> History:
    """What the session read before, and what came since."""
    followed: dict[str, ReadHistory] = st.session_state.setdefault("run_histories", {})
    path = load_settings().runs_dir / run_id / "events.jsonl"
    followed[run_id] = follow(path, followed.get(run_id))
    return followed[run_id].history


def _show_seeds(runs: Sequence[RunSummary]) -> None:
    """Runs that differ only in the seed as one entry, where some of the chosen ones do."""
    groups = seed_groups(runs)
    if any(group.spread.n > 1 for group in groups):
        st.subheader("Seeds of one configuration", anchor=False)
        st.caption("Accuracy of the selected runs that finished training.")
        show_seeds(groups, key="run_seeds")
        _say_lost(repeats(runs))


def _show_configurations(runs: Sequence[RunSummary], names: dict[str, str]) -> None:
    configs, columns = [], []
    for run in runs:
        config = _config(run)
        if config is not None:
            configs.append(config)
            columns.append(names[run.id])
    rows = config_differences(configs)
    with st.expander(_title(rows, len(configs)), icon=":material/difference:", key="run_configs"):
        if len(configs) > 1:
            only = st.toggle("Only differences", value=True, key="only_differences")
            rows = [row for row in rows if row.differs or not only]
        if rows:
            _show_rows(rows, columns)


def _title(rows: Sequence[SettingRow], count: int) -> str:
    if count == 1:
        return "Configuration"
    differing = sum(row.differs for row in rows)
    if not differing:
        return "Configurations: all the same"
    return f"Configurations: {differing} setting{'s differ' if differing > 1 else ' differs'}"


def _config(run: RunSummary) -> RunConfig | None:
    try:
        return RunFolder.open(load_settings().runs_dir, run.id).config
    except LabError:
        # Listed as damaged with its reason on the next look.
        return None


def show_groups(runs: Sequence[RunSummary]) -> None:
    """Configurations of which some have several seeds: the verdict on two, a ranking of more."""
    groups = seed_groups(runs)
    if not groups:
        st.info("None of these runs has finished training yet.", icon=":material/pending:")
        return
    letters = string.ascii_uppercase
    st.markdown(
        "  \n".join(
            f"**{letter}: {plain(name)}**, {_seeds_of(group)}"
            for letter, name, group in zip(letters, _names(groups), groups, strict=False)
        )
    )
    _say_lost(repeats(runs))
    if len(groups) == 2:
        _compare(groups[0], groups[1], ("A", "B"))
        say_settings(groups[0].runs[0], groups[1].runs[0])


def _seeds_of(group: SeedGroup) -> str:
    seeds = f"{group.spread.n} seeds" if group.spread.n > 1 else "1 seed"
    return f"{seeds}, test {mean_and_spread(group.spread)}"


def show_ranking(runs: Sequence[RunSummary]) -> None:
    """The runs by their validation accuracies, which are there to choose by."""
    known = [run for run in runs if run.state != DAMAGED]
    ranked = sorted(known, key=lambda run: -(run.best_validation_accuracy or 0.0))
    if not ranked:
        st.info("Damaged runs have nothing to compare.", icon=":material/broken_image:")
        return
    names = labels(ranked)
    data_table(
        [
            Column("Name", [names[run.id] for run in ranked]),
            Column("Validation", [run.best_validation_accuracy for run in ranked], SHARE, width=84),
            Column("Test", [run.test_accuracy for run in ranked], SHARE, width=72),
        ],
        most_rows=8,
        alt="The ticked runs, best validation accuracy first.",
    )
    st.caption("Tick two runs alone for the paired comparison.")


def say_settings(one: RunSummary, other: RunSummary) -> None:
    """What differs in their configurations, each with both values: a button that lists it."""
    mine, theirs = _config(one), _config(other)
    if mine is None or theirs is None:
        return
    differing = differences(mine, theirs)
    if not differing:
        st.caption("Their configurations are the same.")
        return
    label = f"{len(differing)} setting{'s differ' if len(differing) > 1 else ' differs'}"
    with st.popover(label, icon=":material/difference:", type="tertiary", key="run_differing"):
        st.markdown(
            "\n".join(
                f"- {plain(f'{change.label}: A {change.value}, B {change.usual}')}"
                for change in differing[:_MOST_SETTINGS]
            )
        )
        if len(differing) > _MOST_SETTINGS:
            st.caption(f"{len(differing) - _MOST_SETTINGS} more in the table below.")


def _show_rows(rows: Sequence[SettingRow], columns: Sequence[str]) -> None:
    settings = [
        Column("Setting", [path_label(row.path) for row in rows], pinned=True),
        Column(
            "≠",
            ["≠" if row.differs else "" for row in rows],
            width=40,
            help="The runs differ in this setting.",
        ),
    ]
    values = zip(*(row.values for row in rows), strict=True)
    runs = [Column(name, given) for name, given in zip(columns, values, strict=True)]
    data_table([*settings, *runs], alt="Settings of the chosen runs side by side.")


def show_configurations(run: RunSummary, other: RunSummary | None) -> None:
    """The configuration of `run` against one that is chosen: a table, and the verdict in words.

    Args:
        other: Its configuration is offered first.
    """
    runs = list_runs(load_settings())
    mine = group_of(run, runs)
    if mine is None:
        show_seeds([], key="versus_seeds")
        return
    theirs = _choose(mine, other, runs)
    chosen = [mine] if theirs is None else [mine, theirs]
    show_seeds(chosen, key="versus_seeds")
    _say_lost(repeats_of(group.runs[0], runs) for group in chosen)
    with st.container(horizontal=True, gap="small"):
        for letter, group in zip("AB", chosen, strict=False):
            which = f"{letter} " if len(chosen) > 1 else ""
            show_repeat(group.runs[0].id, f"Repeat {which}with more seeds")


def _choose(
    mine: SeedGroup, other: RunSummary | None, runs: Sequence[RunSummary]
) -> SeedGroup | None:
    """A select box of the other configurations tried on the same images; None without any."""
    others = {
        group.runs[0].id: group
        for group in seed_groups(runs)
        if group.runs != mine.runs
        and (group.data, group.fingerprint) == (mine.data, mine.fingerprint)
    }
    if not others:
        return None
    first = group_of(other, runs) if other is not None else None
    ids = list(others)
    preferred = first.runs[0].id if first and first.runs[0].id in others else ids[0]
    chosen = st.selectbox(
        f"A is {plain(mine.name)}. B is",
        ids,
        index=ids.index(preferred),
        format_func=lambda run_id: _line(others[run_id]),
        key=f"configurations/{mine.runs[0].id}/{preferred}",
    )
    return others.get(chosen) or others[preferred]


def _line(group: SeedGroup) -> str:
    count = group.spread.n
    words = f"{count} seeds" if count > 1 else "1 seed"
    mean = percent((group.validation or group.spread).mean, 2)
    return f"{group.name}  ·  {words}  ·  {mean}"


def show_seeds(groups: Sequence[SeedGroup], key: str) -> None:
    """A line a configuration; two of them are compared in words where that can be done."""
    if not groups:
        st.caption("Only runs that finished training count as seeds of a configuration.")
        return
    names = _names(groups)
    _show_table(groups, names, key)
    if len(groups) == 2:
        _compare(groups[0], groups[1], names)
    elif all(group.spread.n == 1 for group in groups):
        st.caption(
            "One seed each: how far the next one would fall from it is not known. *Repeat with "
            "more seeds* trains it again with other random numbers."
        )


def _names(groups: Sequence[SeedGroup]) -> list[str]:
    count = Counter(group.name for group in groups)
    return [
        group.name if count[group.name] == 1 else f"{group.name} · {group.runs[0].id[-4:]}"
        for group in groups
    ]


def _show_table(groups: Sequence[SeedGroup], names: Sequence[str], key: str) -> None:
    spreads = [group.spread for group in groups]
    data_table(
        [
            Column("Configuration", names, pinned=True),
            Column("Seeds", [spread.n for spread in spreads], COUNT),
            Column(
                "Validation",
                [_mean_and_deviation(group.validation) for group in groups],
                WRITTEN,
                help="Mean and SD of the best validation accuracies; use these to choose.",
            ),
            Column(
                "Mean",
                [percent(spread.mean, 2) for spread in spreads],
                WRITTEN,
                help="Mean and SD of the test accuracies; use these to report.",
            ),
            Column(
                "SD",
                [_points_of(spread.deviation) for spread in spreads],
                WRITTEN,
                help="Standard deviation between seeds, in percentage points.",
            ),
            Column("Range", [spanning(spread.limits, 2) for spread in spreads], WRITTEN),
            Column(
                "95% interval of the mean",
                [_interval(spread.interval) for spread in spreads],
                WRITTEN,
                help="95% interval of the mean over seeds, on these test images (Student's t).",
            ),
            Column("Which", [", ".join(str(run.seed) for run in group.runs) for group in groups]),
            Column("Data", [data_title(group.data) for group in groups]),
        ],
        key=key,
        alt="Configurations with the mean and spread of their seeds' test accuracies.",
    )


def _mean_and_deviation(spread: Spread | None) -> str:
    return UNKNOWN if spread is None else mean_and_spread(spread)


def _points_of(deviation: float | None) -> str:
    return UNKNOWN if deviation is None else f"{100 * deviation:.2f}"


def _interval(interval: tuple[float, float] | None) -> str:
    return UNKNOWN if interval is None else spanning(interval, 2)


def _say_lost(found: Iterable[Repeats]) -> None:
    """Runs of the same configurations that count for nothing, and why."""
    for each in found:
        lost = [f"seed {run.seed} ({state_words(run.state).word})" for run in each.lost]
        if lost:
            st.caption(f"Not counted of {plain(each.name)}: {', '.join(lost)}.")


def _compare(first: SeedGroup, second: SeedGroup, names: Sequence[str]) -> None:
    if (first.data, first.fingerprint) != (second.data, second.fingerprint):
        st.warning(
            "These configurations were tried on different images: their means are not comparable.",
            icon=":material/balance:",
        )
        return
    try:
        _show_seed_verdict(first, second, (plain(names[0]), plain(names[1])))
    except DataError as error:
        st.info(
            "**Too few seeds to compare the configurations**, beyond these single runs. "
            f"{error.rule} Here: {error.received}.",
            icon=":material/casino:",
        )


def _show_seed_verdict(first: SeedGroup, second: SeedGroup, names: tuple[str, str]) -> None:
    """The verdict by validation accuracy, which is there to choose by; test figures to report.

    Args:
        names: Of the two, ready for Markdown.

    Raises:
        DataError: One of them has fewer than two seeds.
    """
    judged = _to_choose_by(first, second)
    reported = welch(first.spread, second.spread)
    if judged is None:
        st.markdown(_verdict(reported, names, "test images"))
        st.caption("One of them has no validation images, so only the test accuracy is compared.")
        _say_if_few(first.spread, second.spread)
        _say_basis(reported)
        return
    found = welch(*judged)
    st.markdown(_verdict(found, names, "validation images"))
    _say_if_few(*judged)
    st.caption(f"On the test images: {_difference(reported)}, {_likely(reported)}.")
    _say_basis(found)


def _to_choose_by(first: SeedGroup, second: SeedGroup) -> tuple[Spread, Spread] | None:
    one, two = first.validation, second.validation
    return (one, two) if one and two else None


def _verdict(found: WelchDifference, names: tuple[str, str], images: str) -> str:
    if not found.difference:
        return f"**{names[0]} and {names[1]} are equally good** on {images}, to the last digit."
    better, worse = names if found.difference > 0 else names[::-1]
    size = points(abs(found.difference)).lstrip("+")
    return (
        f"**{better} is better than {worse} by {size} points** on {images} "
        f"(95% interval {_seed_verdict_interval(found)}): **{_likely(found)}**."
    )


def _difference(found: WelchDifference) -> str:
    return f"{points(found.difference)} points (95% interval {_seed_verdict_interval(found)})"


def _seed_verdict_interval(found: WelchDifference) -> str:
    return " to ".join(points(end) for end in found.interval)


def _likely(found: WelchDifference) -> str:
    return "significant" if found.more_than_chance else "not significant"


def _say_if_few(first: Spread, second: Spread) -> None:
    """How many seeds would settle it, where these do not; that few prove little in any case."""
    found, least = welch(first, second), min(first.n, second.n)
    needed = seeds_needed(first, second)
    if not found.more_than_chance and found.difference:
        if needed is None:
            words = "Detecting a difference this small takes more than 100 seeds of each."
        elif needed > least:
            words = f"About {needed} seeds of each would detect a difference of this size."
        else:
            words = "A few more seeds may be enough."
        st.caption(
            f"With {first.n} and {second.n} seeds the difference is not significant. {words}"
        )
    elif least < _FEW:
        st.caption(
            f"{first.n} and {second.n} seeds are few: {_FEW} or more of each make the interval "
            "one to rely on."
        )


def _say_basis(found: WelchDifference) -> None:
    st.caption(
        f"Welch's t test of the seeds' means, {found.freedom:.1f} degrees of freedom, p "
        f"{chance(found.p)}. It weighs chance in training, and on validation images also which "
        "of them each seed held back; the test images are the same for all seeds."
    )
