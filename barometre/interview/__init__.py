"""What the interviewer sees on the tablet."""
