"""Training runs: their folders, records, index and summaries."""
