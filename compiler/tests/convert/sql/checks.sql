-- What somebody may say of a row.
CREATE TABLE t (
    a int NOT NULL CHECK (a > 0 AND a <> 5),
    b int CHECK (b IN (1, 2, 3)),
    c varchar(20) NOT NULL CHECK (char_length(c) >= 2) CHECK (c ~ '^[a-z]+$'),
    d date CHECK (d >= '2020-01-01' AND d < DATE '2030-01-01'),
    e boolean NOT NULL DEFAULT false,
    f double precision CHECK (f > 0.5),
    g numeric(8, 3) CHECK (g BETWEEN -1.5 AND 1.5),
    h timestamp DEFAULT '2024-01-01 08:30:00',
    code text CHECK (code LIKE 'A%'),
    total int GENERATED ALWAYS AS (a * b) STORED,
    -- Either both or none.
    CHECK ((b IS NULL) = (d IS NULL)),
    CHECK (NOT (e AND a < 3) OR b = 1),
    CHECK (CASE WHEN e THEN a > 1 ELSE a > 2 END),
    CHECK (coalesce(b, 0) + a * 2 - 1 >= abs(-3)),
    CHECK (EXTRACT(year FROM h) > 2000),
    CHECK (a + (b - 3) > -2 AND length(c) <> b),
    CHECK (h > now())
);
