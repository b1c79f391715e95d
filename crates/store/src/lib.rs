//! What the host must not forget: journal and counts, in SQLite.
