"""Doctor: facts, read through a recording Host; checks, which judge by facts alone; findings; a report of them."""
