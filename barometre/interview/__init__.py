"""What the interviewer sees on the tablet, and paper entry."""
