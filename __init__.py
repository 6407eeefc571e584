"""lahar: local learning rules on Loihi-style chips, proven bit for bit."""
