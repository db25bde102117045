"""What a network's scores mean to a person: calibrated, sure or not, clothing or not."""
