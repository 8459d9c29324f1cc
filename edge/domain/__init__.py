"""The trade, pure: what scans mean, what stock and orders do. No clock, no disk, no network in here."""
