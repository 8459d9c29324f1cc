"""The web screen: what hangs above a station. It reads the ledger beside the daemon and changes nothing."""
