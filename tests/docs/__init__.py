"""What is written is true."""
