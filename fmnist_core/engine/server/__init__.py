"""The engine's own process: the queue, who trains what, and what happens when something dies."""
