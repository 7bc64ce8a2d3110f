"""What councils, residents and staff read."""
