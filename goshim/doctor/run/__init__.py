"""Running doctor: examine the machine, report, compare with a record, fix."""
