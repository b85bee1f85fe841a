"""Health without jobs: what pg_cron's log shows where there is one, else what jobs leave behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import psycopg
import pytest

from tests.support.server import Database
from tests.support.sessions import Connection

CRON = "select ok, detail from ops.health where name = 'cron'"
NOTHING_SINCE_A_YEAR = (
    "update deploy.deploys set deployed_at = now() - interval '1 year' where true"
)
FOLDED = """
insert into cron.job_run_details (jobid, runid, status, end_time)
select j.jobid, 1000 + %s, %s, now() - %s
from cron.job as j where j.jobname = %s
"""
CHECKED = """
insert into private.drift_checks (day, checked_at, videos, drifted, took)
values ('2026-01-01', now() - %s, 0, 0, '0')
"""


@pytest.fixture
def superuser(clone_database: Callable[[], Database]) -> Iterator[Connection]:
    """One who may write pg_cron's log; in a database of his own, where no job has run."""
    with psycopg.connect(clone_database().admin_url, autocommit=True) as session:
        yield session


def cron(session: Connection) -> tuple[object, ...]:
    row: tuple[object, ...] | None = session.execute(CRON).fetchone()
    assert row is not None
    return row


def test_a_new_database_is_given_time(superuser: Connection) -> None:
    assert cron(superuser) == (True, None)


def test_jobs_that_stopped_are_missed_with_the_time_since_when(superuser: Connection) -> None:
    superuser.execute(NOTHING_SINCE_A_YEAR)
    row = superuser.execute(
        "select format('No job has run since %s.', private.utc_text(deployed_at))"
        " from deploy.deploys"
    ).fetchone()
    assert row is not None
    assert cron(superuser) == (False, row[0])
    superuser.execute("delete from deploy.deploys where true")
    assert cron(superuser) == (False, "No job has run since this database was made.")


def test_the_log_of_the_scheduler_shows_that_jobs_run(superuser: Connection) -> None:
    if superuser.execute("select to_regclass('cron.job_run_details')").fetchone() == (None,):
        pytest.skip("this server has no pg_cron; the next test is for it")
    superuser.execute(NOTHING_SINCE_A_YEAR)
    fold, other = "ig-live: fold counters", "ig-live: make days"
    late, early = timedelta(minutes=5, seconds=5), timedelta(minutes=4, seconds=55)
    superuser.execute(FOLDED, (1, "succeeded", late, fold))
    superuser.execute(FOLDED, (2, "succeeded", early, other))
    superuser.execute(FOLDED, (3, "failed", early, fold))
    assert not cron(superuser)[0]
    superuser.execute(FOLDED, (4, "succeeded", early, fold))
    assert cron(superuser) == (True, None)


def test_without_the_scheduler_the_check_of_counters_shows_it(superuser: Connection) -> None:
    superuser.execute("drop extension if exists pg_cron")
    superuser.execute(NOTHING_SINCE_A_YEAR)
    superuser.execute(CHECKED, (timedelta(hours=3, minutes=1),))
    assert not cron(superuser)[0]
    superuser.execute(CHECKED, (timedelta(hours=2, minutes=59),))
    assert cron(superuser) == (True, None)
