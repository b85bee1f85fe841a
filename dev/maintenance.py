"""Run the database's timetable by hand, where there is no pg_cron.

`make maintenance DATABASE_URL=...`, every minute from some other scheduler. Each command says how
much it did; it is repeated until it says 0. Most commit batch by batch by themselves, for up to a
minute.
"""

import os
import sys
import time

import psycopg

MOST_BATCHES = 1000
"""Of one job in one run: whatever is left then is the next run's."""


def main() -> int:
    """Run every job; the result is 1 when one of them failed."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        print("No database: set DATABASE_URL.", file=sys.stderr)
        return 1
    try:
        connection = psycopg.connect(url, autocommit=True)
    except psycopg.OperationalError as error:
        print(f"The database does not answer: {error}", file=sys.stderr)
        return 1
    failed = False
    with connection:
        connection.add_notice_handler(lambda notice: print(f"    {notice.message_primary}"))
        jobs = connection.execute("select job, command from ops.timetable order by job").fetchall()
        for job, command in jobs:
            began = time.monotonic()
            try:
                total = run(connection, command)
            except psycopg.Error as error:
                failed = True
                print(f"  {job:<32} failed: {error.diag.message_primary or error}")
            else:
                print(f"  {job:<32} {total:>8} ({time.monotonic() - began:.2f} s)", flush=True)
    return 1 if failed else 0


def run(connection: psycopg.Connection[tuple[object, ...]], command: str) -> int:
    """Repeat one job until it has nothing to do; gives what its batches add up to."""
    total = 0
    for _ in range(MOST_BATCHES):
        row = connection.execute(command.encode()).fetchone()
        done = int(str(row[0])) if row else 0
        if done <= 0:
            break
        total += done
    return total


if __name__ == "__main__":
    sys.exit(main())
