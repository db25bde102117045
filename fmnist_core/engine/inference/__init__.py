"""One way to ask a trained network: `ask(model, question, *arguments)`, answered by a worker.

worker_client           (clients) `ask`, and the way to the worker that keeps networks warm
model_cache             (worker) these networks, the table of questions, `answer`
predictions             classes, what explains them, evaluation anew
feature_visualization   what filters and units respond to
ablation                copies with parts switched off
embedding_map           the test images by PCA and t-SNE
label_issues            training images that are probably mislabeled

Each module after the first two holds what pages call and, after that, the functions that answer
in the worker, where alone they import Keras. The decorator `worker_client.question` makes such a
function a question and enters it in the table: so all these modules are imported here.
"""

from fmnist_core.engine.inference import (  # noqa: F401
    ablation,
    embedding_map,
    feature_visualization,
    label_issues,
    predictions,
)
