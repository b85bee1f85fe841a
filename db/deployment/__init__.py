"""The parts of a deploy. `db.deploy` is the command, `apply` tells the story in its order."""
