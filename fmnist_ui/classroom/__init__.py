"""A class in the browser: joining it, and the page that the teacher sees."""
