"""Read pg_cron's jobs, where the server has pg_cron and lets us.

functions/jobs schedules them; this only tells the snapshot what there is. Ours are those that the
view ops.timetable lists, and those that were there after the last deploy.
"""

from psycopg import Connection

_READABLE = """
select coalesce(
    has_schema_privilege(to_regnamespace('cron')::oid, 'usage')
    and has_table_privilege((
        select c.oid from pg_class as c
        where c.relnamespace = to_regnamespace('cron') and c.relname = 'job'
    ), 'select'),
    false
), to_regclass('ops.timetable') is not null
"""
_JOBS = """
select
    j.jobname::text,
    concat_ws(
        E'\\n',
        'schedule ' || j.schedule,
        'command ' || j.command,
        'as ' || j.username,
        case when not j.active then 'paused' end
    )
from cron.job as j
where
    j.jobname::text in (select s.identity from deploy.snapshot as s where s.kind = 'job')
    {listed}
"""
_LISTED = "or j.jobname::text in (select t.job from ops.timetable as t)"


def scheduled_jobs(conn: Connection) -> dict[str, str]:
    """Our jobs by name, each with all that pg_cron knows about it."""
    readable, has_timetable = conn.execute(_READABLE).fetchone() or (False, False)
    if not readable:
        return {}
    query = _JOBS.format(listed=_LISTED if has_timetable else "")
    return dict(conn.execute(query.encode()).fetchall())
