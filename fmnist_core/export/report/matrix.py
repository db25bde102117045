"""What was taken for what, as a table."""

from __future__ import annotations

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.evaluation import Evaluation
from fmnist_core.export.report.parts import text


def matrix(evaluation: Evaluation) -> str:
    """Rows are true classes, columns what they were taken for; the deeper, the more."""
    head = "".join(f"<th class='turned'><span>{text(name)}</span></th>" for name in CLASS_NAMES)
    rows = [
        f"<tr><th>{text(CLASS_NAMES[true])}</th>{''.join(_cells(true, row))}</tr>"
        for true, row in enumerate(evaluation.confusion)
    ]
    top = f"<tr><th></th>{head}</tr>"
    return f"<div class='wide'><table class='matrix'>{top}{''.join(rows)}</table></div>"


def _cells(true: int, row: tuple[int, ...]) -> list[str]:
    support = max(1, sum(row))
    # The root lifts a single mistake above nothing.
    depths = [(count / support) ** 0.5 for count in row]
    return [
        f"<td class='{'right' if true == predicted else 'wrong'}' "
        f"style='--depth:{depths[predicted]:.2f}'>{count or ''}</td>"
        for predicted, count in enumerate(row)
    ]
