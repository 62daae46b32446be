"""A whole emulator under random traffic: the stage, the play upon it, and what must be known of it."""
