"""The lab's version, in a module that imports nothing: every run records it."""

__version__ = "0.2.0"
