"""The reference central: keeps every event of its nodes, adds up their stock, and sends them commands."""
