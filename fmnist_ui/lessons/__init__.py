"""Lessons: a panel beside the page that a step is about.

place      which lesson and step one is at; in the address, so that a reload keeps it
panel      the step's text, its question, the answer kept for later, and what happened
shelf      all lessons, with links to hand out
arrival    how a step's page is set up
locks      what a step keeps as it is on the page Train
"""
