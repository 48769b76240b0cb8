"""Capture: who predicts what, taken from a training loop. One subject a framework, each imports only its own."""
