"""What every check is made with: a look at the machine, the record of it, checks and findings."""
