CREATE TABLE users (
    id int PRIMARY KEY,
    id text,
    name varchar(,
    age int CHECK (age BETWEEN 10 AND 5)
);
CREATE TABLE orders (
    id int PRIMARY KEY,
    buyer int REFERENCES buyers (id),
    user_age int REFERENCES users (age),
    PRIMARY KEY (id, missing)
);
CREATE TABLE orders (id int);
CREAT TABLE lost (id int);
COMMENT ON COLUMN orders.nothing IS 'x';
CREATE TABLE copied AS SELECT * FROM orders;
CREATE TABLE remarked (
    a int, -- ndsl: ~ normal(
    -- ndsl: table x {}
    b int
);
