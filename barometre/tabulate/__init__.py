"""The engine of `estimates` on a folder of plain files: for statisticians, and towns without this site."""
