"""Tests of the deploy, on databases of their own and mostly with small folders of their own."""
