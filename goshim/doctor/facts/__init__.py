"""Facts: what a machine is, read by the host of a Look. Only what stands here asks a host; checks ask for facts."""
