"""The books: one SQLite file, its schema, what is read from and written to it, and its audit."""
