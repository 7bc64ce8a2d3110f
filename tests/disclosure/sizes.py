"""How much is tried: a sample at each change, all with `BAROMETRE_FULL=1 ./run test tests/disclosure`."""

import os

FULL = os.environ.get("BAROMETRE_FULL") == "1"
#: populations of each kind
SEEDS = range(25) if FULL else range(1)
#: questions of each population that the analyst attacks; 0 is all of them
QUESTIONS = 0 if FULL else 2
