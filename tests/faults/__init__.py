"""Everything that can fail between a doorstep and the database does, and no interview may be lost."""
