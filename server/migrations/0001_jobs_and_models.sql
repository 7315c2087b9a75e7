-- Times that people read are RFC 3339 text in UTC; times that are compared (leases) are milliseconds since 1970.

CREATE TABLE jobs (
    id            TEXT PRIMARY KEY,
    kind          TEXT NOT NULL,
    request       TEXT NOT NULL,
    status        TEXT NOT NULL CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
    desired       TEXT NOT NULL DEFAULT 'run' CHECK (desired IN ('run', 'cancelled')),
    progress      INTEGER NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
    attempts      INTEGER NOT NULL DEFAULT 0,
    max_attempts  INTEGER NOT NULL CHECK (max_attempts >= 1),
    result        TEXT,
    error         TEXT,
    created_at    TEXT NOT NULL,
    started_at    TEXT,
    completed_at  TEXT,
    owner         TEXT,
    lease_expires INTEGER,
    token         INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Identifiers are in order of time, so the oldest open job is the first in this index.
CREATE INDEX jobs_open ON jobs (id) WHERE status IN ('queued', 'running');
CREATE INDEX jobs_by_status ON jobs (status, id);

CREATE TABLE events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id   TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    kind     TEXT NOT NULL,
    data     TEXT NOT NULL,
    at       TEXT NOT NULL
) STRICT;

CREATE INDEX events_by_job ON events (job_id, sequence);

CREATE TABLE models (
    model_id   TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    backend    TEXT NOT NULL,
    file_name  TEXT NOT NULL,
    size       INTEGER NOT NULL,
    sha256     TEXT NOT NULL,
    created_at TEXT NOT NULL,
    signature  TEXT NOT NULL,
    metadata   TEXT NOT NULL
) STRICT;

CREATE INDEX models_by_content ON models (sha256);
