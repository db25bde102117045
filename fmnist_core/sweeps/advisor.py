"""Suggestions, early stopping and importance of parameters, by a stateless Optuna study.

Importing this costs nothing: Optuna (0.25 s) is loaded by the first question, in the engine.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from fmnist_core.sweeps.config import GRID, DimensionConfig, SweepConfig, Values
from fmnist_core.sweeps.trial import Trial

# Below this, what mattered would be read from chance.
TRIALS_FOR_IMPORTANCE = 6
# A median of fewer says little.
_TRIALS_BEFORE_PRUNING = 4
_TRIES_FOR_ANOTHER = 20


def next_values(config: SweepConfig, trials: Sequence[Trial]) -> Values | None:
    """The next combination, never one that was tried; None where all were.

    A grid goes row by row. A guided search begins with the base's own values, then some at
    random, then where the good ones lie more densely than the others: the tree-structured Parzen
    estimator (Bergstra et al. 2011, "Algorithms for Hyper-Parameter Optimization", section 4),
    over all dimensions jointly. Equal diaries give equal suggestions.
    """
    if len(trials) >= config.total:
        return None
    taken = {_key(trial.values) for trial in trials}
    if config.method == GRID:
        return next((one for one in config.grid() if _key(one) not in taken), None)
    first = config.base_values
    if first is not None and _key(first) not in taken:
        return first
    return _suggested(config, trials, taken)


def _suggested(config: SweepConfig, trials: Sequence[Trial], taken: set[str]) -> Values | None:
    study = _study(config, trials)
    for _ in range(_TRIES_FOR_ANOTHER):
        asked = study.ask(_distributions(config)).params
        values = {one.field: _value(one, asked[one.field]) for one in config.dimensions}
        if _key(values) not in taken:
            return values
    if all(one.count < float("inf") for one in config.dimensions):
        return next((one for one in config.everything() if _key(one) not in taken), None)
    return values


def below_median(config: SweepConfig, trials: Iterable[Trial], trial: Trial) -> bool:
    """Whether a running trial's best so far is below the median of finished ones at its epoch.

    The median rule of Golovin et al. 2017 ("Google Vizier", section 3.2.2). Hyperband (Li et al.
    2018) saves more, but only over many more trials than a lesson has.
    """
    import optuna

    if not trial.accuracies or len(trial.accuracies) >= trial.epochs:
        return False
    others = [other for other in trials if other.number != trial.number]
    study = _study(config, [*others, trial])
    pruner = optuna.pruners.MedianPruner(_TRIALS_BEFORE_PRUNING)
    return bool(pruner.prune(study, study.trials[-1]))


def importance(config: SweepConfig, trials: Sequence[Trial]) -> dict[str, float]:
    """Each setting's share of what made a difference, the largest first; together 1.

    PED-ANOVA (Watanabe et al. 2023): how differently the better trials are spread over a setting
    than all are. Trials that were stopped early count with what they had reached. Empty below
    `TRIALS_FOR_IMPORTANCE` evaluated trials, or with only one varied setting.
    """
    import optuna

    evaluated = [trial for trial in trials if not trial.active and trial.score is not None]
    if len(evaluated) < TRIALS_FOR_IMPORTANCE or len(config.dimensions) < 2:
        return {}
    if len({trial.score for trial in evaluated}) == 1:
        return {}
    study = _empty_study(config)
    for trial in evaluated:
        study.add_trial(_frozen_trial(config, trial, optuna.trial.TrialState.COMPLETE))
    evaluator = optuna.importance.PedAnovaImportanceEvaluator()
    found = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return {path: float(share) for path, share in found.items()}


def _study(config: SweepConfig, trials: Iterable[Trial]) -> Any:
    study = _empty_study(config, trials=len(trials := list(trials)))
    for trial in trials:
        study.add_trial(_frozen_trial(config, trial, _state(trial)))
    return study


def _empty_study(config: SweepConfig, trials: int = 0) -> Any:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(
        # A third at random, then the search: a lesson has a dozen trials, not the usual hundred.
        n_startup_trials=min(10, max(3, config.total // 3)),
        multivariate=True,
        constant_liar=True,
        seed=(config.seed + 7919 * trials) % 2**32,
    )
    return optuna.create_study(direction="maximize", sampler=sampler)


def _state(trial: Trial) -> Any:
    from optuna.trial import TrialState

    if trial.active:
        return TrialState.RUNNING
    if trial.score is None:
        return TrialState.FAIL
    return TrialState.COMPLETE if trial.state == "finished" else TrialState.PRUNED


def _frozen_trial(config: SweepConfig, trial: Trial, state: Any) -> Any:
    import optuna

    return optuna.trial.create_trial(
        state=state,
        value=trial.score if state == optuna.trial.TrialState.COMPLETE else None,
        params={one.field: _parameter(one, trial.values[one.field]) for one in config.dimensions},
        distributions=_distributions(config),
        intermediate_values=dict(enumerate(trial.accuracies, start=1)),
    )


def _distributions(config: SweepConfig) -> dict[str, Any]:
    return {one.field: _distribution(one) for one in config.dimensions}


def _distribution(one: DimensionConfig) -> Any:
    from optuna import distributions as known

    if one.is_range:
        kind = known.IntDistribution if one.whole else known.FloatDistribution
        return kind(one.low, one.high, log=one.log)
    if one.ordered:
        # Positions in the list: 32 is between 16 and 64.
        return known.IntDistribution(0, len(one.choices) - 1)
    return known.CategoricalDistribution([json.dumps(choice) for choice in one.choices])


def _parameter(one: DimensionConfig, value: Any) -> Any:
    if one.is_range:
        return value
    return one.choices.index(value) if one.ordered else json.dumps(value)


def _value(one: DimensionConfig, parameter: Any) -> Any:
    if one.is_range:
        return one.tidy(parameter)
    if one.ordered:
        return one.choices[parameter]
    found = json.loads(parameter)
    return tuple(found) if isinstance(found, list) else found


def _key(values: Any) -> str:
    return json.dumps(dict(values), sort_keys=True)
