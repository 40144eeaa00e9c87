"""Places hold stock here: the ledger, the one door, transfers, counts, requests and alerts."""
