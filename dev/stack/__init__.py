"""Installs, starts and stops everything on one machine, with the standard library alone.

The code here runs before there is a virtual environment, on whatever `python3` a machine has.
"""
