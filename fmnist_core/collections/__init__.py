"""Collections of user pictures and drawings: storing, importing and loading."""

from fmnist_core.collections.content import Item
from fmnist_core.collections.importing import (
    Imported,
    import_archive,
    import_folder,
    import_ndjson,
)
from fmnist_core.collections.loading import NO_CLOTHING, Items, load_items
from fmnist_core.collections.store import CollectionStore, CollectionSummary

__all__ = [
    "NO_CLOTHING",
    "CollectionStore",
    "CollectionSummary",
    "Imported",
    "Item",
    "Items",
    "import_archive",
    "import_folder",
    "import_ndjson",
    "load_items",
]
