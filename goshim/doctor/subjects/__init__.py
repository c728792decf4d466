"""What doctor knows, by subject. In each: checks, the facts and probes that they ask for, and remedies."""
