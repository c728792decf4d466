"""What was typed, and where: the arguments of a call of go, its environment and directory."""
