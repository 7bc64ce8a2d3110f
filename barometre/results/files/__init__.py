"""The published results as files and as an interface for programs: French, whatever the request speaks."""
