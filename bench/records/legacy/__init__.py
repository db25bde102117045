"""Older configurations of the records, each named by what differs from the one in force.

Not all of them are worse: `one_reference_7_epochs` reached more than its successor.
"""
