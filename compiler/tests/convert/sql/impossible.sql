CREATE TABLE t (
    id int PRIMARY KEY,
    age int CHECK (age BETWEEN 10 AND 5),
    a int NOT NULL,
    b int NOT NULL,
    CHECK (a < b AND b < a)
);
