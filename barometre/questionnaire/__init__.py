"""What is asked: definitions, routing and the one judge of an answer (pure)."""
