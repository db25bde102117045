"""What more than one page shows: pickers, fields, pictures, answers, progress."""
