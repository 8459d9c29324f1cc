"""The daemon's door on its own machine: a unix socket over which the command line hands in what a person does."""
