"""A stand-in for ImageKit: the upload, management and delivery protocols on one local origin.

Official SDKs talk to it unmodified. It keeps its files on disk and its records in SQLite, so it
can be stopped, killed and started again. See ``README.md`` beside this file.
"""
