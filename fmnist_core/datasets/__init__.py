"""Images with labels: found, fetched, checked, drawn, split and described."""

from fmnist_core.datasets.dataset import (
    DATASET_NAMES,
    FASHION_MNIST,
    SYNTHETIC_GARMENTS,
    DataIdentity,
    Dataset,
    ImageSet,
)
from fmnist_core.datasets.load import DataStatus, available, choose_dataset, load_dataset
from fmnist_core.datasets.progress import DataStoppedError, Listener, Progress, StopSignal
from fmnist_core.datasets.split import stratified_split, subset
from fmnist_core.datasets.statistics import (
    ClassImages,
    PixelStatistics,
    class_counts,
    class_images,
    pixel_statistics,
    rescaled,
)

__all__ = [
    "DATASET_NAMES",
    "FASHION_MNIST",
    "SYNTHETIC_GARMENTS",
    "ClassImages",
    "DataIdentity",
    "DataStatus",
    "DataStoppedError",
    "Dataset",
    "ImageSet",
    "Listener",
    "PixelStatistics",
    "Progress",
    "StopSignal",
    "available",
    "choose_dataset",
    "class_counts",
    "class_images",
    "load_dataset",
    "pixel_statistics",
    "rescaled",
    "stratified_split",
    "subset",
]
