PRAGMA foreign_keys = ON;
BEGIN TRANSACTION;
CREATE TABLE IF NOT EXISTS "albums" (
    [id] INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    title NVARCHAR(160) NOT NULL CHECK (length(title) > 0),
    artist INTEGER NOT NULL REFERENCES artists ON DELETE CASCADE,
    year INT CHECK (year BETWEEN 1900 AND 2100),
    rating REAL CHECK (rating >= 0 AND rating < 5),
    price NUMERIC(10, 2) DEFAULT 9.99,
    anything,
    released DATE DEFAULT '2000-01-01',
    UNIQUE (artist, title)
);
CREATE TABLE artists (
    -- Counted by hand.
    id INTEGER PRIMARY KEY, -- never 0
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    kind TEXT CHECK (kind IN ('solo', 'band')) DEFAULT 'band'
) WITHOUT ROWID;
COMMIT;
