"""`python -m barometre`."""

from barometre.cli import main

main(prog_name="barometre")
