-- depends: private/counted_days, private/drifted_counters
create or replace view ops.counter_drift
with (security_invoker = true) as
select
    d.day,
    c.video_id,
    c.counter,
    c.stored,
    c.counted,
    c.stored - c.counted as drift
from private.counted_days() as d (day)
cross join lateral private.drifted_counters(d.day) as c;

comment on view ops.counter_drift is
'Counters that are not what they count; must be empty, also under load. Of every day '
'whose likes and viewers are still there; of one day, quicker: where day = ''...''. '
'Repaired by ops.repair_counters(). What cron found is in private.drift_checks.';
comment on column ops.counter_drift.day is 'UTC day of the video''s publication.';
comment on column ops.counter_drift.counter is 'The counter: views, likes or comments.';
comment on column ops.counter_drift.stored is
'What readers see: the counter and what is pending.';
comment on column ops.counter_drift.counted is
'How many rows there are: of private.video_viewers, video_likes or video_comments.';
comment on column ops.counter_drift.drift is 'How much the counter has too many.';

revoke all on ops.counter_drift from public, anon, authenticated, service_role;
