"""Which go runs, and its GOROOT."""
