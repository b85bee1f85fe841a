"""What each kind of person gets, whatever he tries, with whatever row: tried, and written down."""
