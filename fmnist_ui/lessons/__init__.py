"""Lessons: steps that a teacher wrote, each beside the page that it is about.

lesson      what a lesson is made of; what came of a training
reading     reads a lesson from YAML, or says which file, line and rule is wrong
library     the lessons that come with the lab, and a teacher's own
place       which lesson and step one is at, in the address; what a step sets and locks
answers     what was answered, kept in a file, and what came of it
panel       the step's text and its question, beside the page that it is about
in_class    a lesson that a teacher assigned: followed, held back and revealed
guess       a step's test images, classified by eye, beside a network's predictions
sheets      summary, worksheet and answer key as files to print
page        all lessons, with links to hand out, sheets to print, and how one did
shipped     the files that come with the lab
"""

from fmnist_ui.lessons.lesson import FIGURES, PAGES, Guess, Lesson, Question, Step, run_metric
from fmnist_ui.lessons.library import find_lesson, lessons, own_lessons_dir
from fmnist_ui.lessons.reading import read_lesson

__all__ = [
    "FIGURES",
    "PAGES",
    "Guess",
    "Lesson",
    "Question",
    "Step",
    "find_lesson",
    "lessons",
    "own_lessons_dir",
    "read_lesson",
    "run_metric",
]
