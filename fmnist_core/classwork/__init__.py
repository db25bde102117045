"""What a class has made: its results, its leaderboard, and the deletion of what is personal."""
