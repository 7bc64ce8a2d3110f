"""The space of the conseils citoyens: what they write and adopt, and what the institutions answer."""
