"""What the survey still needs while it is in the field."""
