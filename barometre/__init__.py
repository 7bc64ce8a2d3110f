"""The Baromètre: what residents feel, need and propose, from the doorstep to the comparison.

The application factory is in `barometre.app`: importing a pure room must not import the web.
"""
