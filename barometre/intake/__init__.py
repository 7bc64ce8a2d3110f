"""The single gate through which answers enter."""
