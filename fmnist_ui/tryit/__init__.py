"""The page "Try it": bring an item of your own, see what a network makes of it and why."""
