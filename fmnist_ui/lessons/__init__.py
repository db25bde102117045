"""Lessons: a panel beside the page that a step talks about.

place      which lesson and step one is at; in the address, so that a reload keeps it
kept       what was answered beforehand, in a file of the lab's home
panel      the step's words, its question, and what happened
shelf      all lessons, with links to hand out
arrival    how a step's page is set up
locks      what a step keeps as it is on the page Train
"""
