"""Which row of an import said a thing first: a code, a barcode, the price of a product."""

import json
import sqlite3


class Firsts:
    """Remembers it for any number of rows in two megabytes: SQLite keeps what is more in a temporary file."""

    def __init__(self):
        self.book = sqlite3.connect("", isolation_level=None)
        self.book.execute("PRAGMA journal_mode = OFF")
        self.book.execute("CREATE TABLE firsts (what TEXT PRIMARY KEY, row INTEGER, value TEXT) WITHOUT ROWID")

    def close(self):
        self.book.close()

    def note(self, entries):
        """(what, row, value), of which those that were said before are left as they are."""
        self.book.execute("BEGIN")
        self.book.executemany("INSERT OR IGNORE INTO firsts VALUES (?, ?, ?)", entries)
        self.book.execute("COMMIT")

    def of(self, whats):
        """Row and value of each of these that was said at all."""
        if not whats:
            return {}
        wanted = json.dumps(list(whats))
        found = self.book.execute(
            "SELECT what, row, value FROM firsts WHERE what IN (SELECT value FROM json_each(?))", [wanted]
        )
        return {what: (row, value) for what, row, value in found}
