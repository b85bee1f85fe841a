"""What the tests stand on: real servers, throw-away databases, signed tokens."""
