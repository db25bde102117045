"""The Data page: data sets, collections and their statistics."""
