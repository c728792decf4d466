"""What the whole of goshim stands on. Nothing here imports anything of goshim but its neighbours in this directory."""
