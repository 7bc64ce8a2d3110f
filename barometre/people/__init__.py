"""Accounts, sign-in and devices."""
