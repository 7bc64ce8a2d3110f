"""What can be said: counts, weights, estimates, changes and disclosure (pure)."""
