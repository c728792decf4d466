"""What a call of go costs, bare and through goshim and its peers, measured in one run."""
