"""The engine: on one thread, one fact becomes one booking, and many that wait become one commit."""
