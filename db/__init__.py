"""The database: its SQL files, and the tools that bring a server to the state they describe."""
