"""Crossdock, the box at the dock: its trade, its books and the daemon that keeps them."""

__all__ = ["__version__"]

__version__ = "0.1.0"
