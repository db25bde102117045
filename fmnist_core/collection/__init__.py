"""Own pictures with their answers: kept, and learned from."""
