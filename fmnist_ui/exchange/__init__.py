"""The export page: formats of a network to download, and the import of files."""
