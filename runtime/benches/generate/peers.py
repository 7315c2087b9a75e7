"""What a Python program does without us: polars with NumPy, mimesis and Faker.

`peers.py NAME` makes rows when it is asked to on the standard input, and answers how long it took.
"""

import csv
import json
import os
import sys
import time

CITIES = ["Leeds", "Munich", "San Francisco", "Kyoto", "Lyon", "Rio de Janeiro", "Porto", "Austin"] * 40


def use_polars():
    import numpy as np
    import polars as pl

    firsts = np.array(["Ada", "Grace", "Jean", "Margaret", "Linus", "Barbara", "Edsger", "Donald"] * 50)
    lasts = np.array(["Lovelace", "Hopper", "Bartik", "Hamilton", "Torvalds", "Liskov", "Dijkstra", "Knuth"] * 50)
    cities = np.array(CITIES)

    def table(rows):
        random = np.random.default_rng(1)
        first = pl.Series(firsts[random.integers(0, len(firsts), rows)])
        last = pl.Series(lasts[random.integers(0, len(lasts), rows)])
        number = pl.Series(random.integers(0, 1_000_000, rows))
        digits = pl.Series(random.integers(0, 2**63, rows)), pl.Series(random.integers(0, 2**63, rows))
        frame = pl.DataFrame({"first": first, "last": last, "number": number, "high": digits[0], "low": digits[1]})
        return frame.select(
            # No uuid, since polars has none: as many digits, which is less work.
            id=pl.format("{}-{}", "high", "low"),
            name=pl.format("{} {}", "first", "last"),
            email=pl.format("{}.{}{}@example.com", pl.col("first").str.to_lowercase(), pl.col("last").str.to_lowercase(), "number"),
            age=pl.Series(random.integers(18, 96, rows)),
            income=pl.Series(random.lognormal(10.4, 0.5, rows)).round(2),
            city=pl.Series(cities[random.integers(0, len(cities), rows)]),
            signup=pl.Series(17_897 + random.integers(0, 2557, rows)).cast(pl.Int32).cast(pl.Date),
            active=pl.Series(random.random(rows) < 0.7),
        )

    def make(form, path, rows):
        frame = table(rows)
        if form == "parquet":
            frame.write_parquet(path, compression="snappy")
        else:
            frame.write_csv(path)

    return make


HEADER = ["id", "name", "email", "age", "income", "city", "signup", "active"]


def by_row(row):
    def make(_, path, rows):
        with open(path, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows(row() for _ in range(rows))

    return make


def use_mimesis():
    from mimesis import Generic, Locale

    generic = Generic(Locale.EN, seed=1)
    person, address, date, number = generic.person, generic.address, generic.datetime, generic.random
    return by_row(
        lambda: (
            generic.cryptographic.uuid(),
            person.full_name(),
            person.email(),
            number.randint(18, 95),
            round(number.lognormvariate(10.4, 0.5), 2),
            address.city(),
            date.date(2019, 2025),
            number.random() < 0.7,
        )
    )


def use_faker():
    from faker import Faker

    Faker.seed(1)
    fake = Faker("en_US")
    number = fake.random
    return by_row(
        lambda: (
            fake.uuid4(),
            fake.name(),
            fake.email(),
            number.randint(18, 95),
            round(number.lognormvariate(10.4, 0.5), 2),
            fake.city(),
            fake.date_between(start_date="-7y"),
            number.random() < 0.7,
        )
    )


def main():
    if sys.argv[1] == "--has":
        import faker  # noqa: F401
        import mimesis  # noqa: F401
        import polars  # noqa: F401

        return
    # All threads are counted, so it makes no difference to their processor time; and one thread is beside one of ours.
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    make = {"polars": use_polars, "mimesis": use_mimesis, "faker": use_faker}[sys.argv[1]]()
    for line in sys.stdin:
        work, rows, folder = line.rstrip("\n").split("\t")
        form, place = work.split(" ")
        path = "/dev/null" if place == "null" else os.path.join(folder, f"peer.{form}")
        began, used = time.perf_counter(), time.process_time()
        make(form, path, int(rows))
        answer = {"rows": int(rows), "processor": time.process_time() - used, "clock": time.perf_counter() - began}
        print(json.dumps(answer), flush=True)


main()
