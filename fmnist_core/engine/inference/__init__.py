"""One way to ask a trained network: `ask(model, question, *arguments)`, answered by a worker.

    worker_client           (clients) `ask`, and the way to the worker that keeps networks warm
    model_cache             (worker) these networks, the table of questions, `answer`
    background_job          (worker) what takes long, while clients ask how far it is
    predictions             classes, what explains them, evaluation anew
    feature_visualization   what filters and units respond to
    ablation                copies with parts switched off
    embedding_map           the test images by PCA and t-SNE
    label_issues            training images that are probably mislabelled

Each module after the first three holds the typed functions that pages call and, after
them, the questions: functions that answer in the worker, where alone they import Keras. A question
is entered in the table by the decorator `model_cache.question`, so all modules are imported here.
"""

from fmnist_core.engine.inference.ablation import break_it, breakable_parts
from fmnist_core.engine.inference.embedding_map import (
    data_map,
    place_on_map,
    stop_unfolding,
    unfolding,
)
from fmnist_core.engine.inference.feature_visualization import (
    exciting_images,
    filters_of,
    imagined_image,
)
from fmnist_core.engine.inference.label_issues import (
    known_suspects,
    search_suspects,
    stop_suspect_search,
    suspect_search,
)
from fmnist_core.engine.inference.predictions import (
    attribution_of,
    classify,
    convolutions,
    evaluate_run,
    heat_of,
    look,
    maps_of,
    occlusion_of,
    recognise,
    seen_layers,
    step_through,
)

__all__ = [
    "attribution_of",
    "break_it",
    "breakable_parts",
    "classify",
    "convolutions",
    "data_map",
    "evaluate_run",
    "exciting_images",
    "filters_of",
    "heat_of",
    "imagined_image",
    "known_suspects",
    "look",
    "maps_of",
    "occlusion_of",
    "place_on_map",
    "recognise",
    "search_suspects",
    "seen_layers",
    "step_through",
    "stop_suspect_search",
    "stop_unfolding",
    "suspect_search",
    "unfolding",
]
