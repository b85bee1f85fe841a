"""The test suite; `conftest.py` has the servers that every test talks to."""
