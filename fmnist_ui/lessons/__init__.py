"""Lessons: steps that a teacher wrote, each beside the page that it is about.

lesson      what a lesson is made of; what came of a training
reading     reads a lesson from YAML, or says which file, line and rule is wrong
library     the lessons that come with the lab, and a teacher's own
place       which lesson and step one is at, in the address; what a step sets and locks
panel       the step's text, its question, the answer kept for later, and the run's metric
page        all lessons, with links to hand out
shipped     the files that come with the lab
"""

from fmnist_ui.lessons.lesson import FIGURES, PAGES, Lesson, Question, Step, run_metric
from fmnist_ui.lessons.library import find_lesson, lessons, own_lessons_dir
from fmnist_ui.lessons.reading import read_lesson

__all__ = [
    "FIGURES",
    "PAGES",
    "Lesson",
    "Question",
    "Step",
    "find_lesson",
    "lessons",
    "own_lessons_dir",
    "read_lesson",
    "run_metric",
]
