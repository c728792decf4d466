"""The network, with --network."""
