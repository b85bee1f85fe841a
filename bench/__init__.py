"""Where the figures come from: one command a question, ratios within one run."""
