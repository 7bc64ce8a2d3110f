"""The papers: a restitution of one quartier, the report to the steering committee, pictures for slides."""
