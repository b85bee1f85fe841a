create or replace view ops.reports
with (security_invoker = true) as
select
    r.video_id,
    v.user_id as owner_id,
    v.title,
    v.video_url,
    count(*) as reports,
    array_agg(r.reason order by r.created_at) as reasons,
    min(r.created_at) as first_reported_at,
    max(r.created_at) as last_reported_at,
    v.hidden_at,
    v.deleted_at
from private.video_reports as r
inner join public.videos as v on r.video_id = v.id
group by r.video_id, v.id;

comment on view ops.reports is
'Reported videos with what people say about them. Order by reports desc; act with '
'ops.hide_video(id, reason).';
comment on column ops.reports.owner_id is 'Whose video it is.';
comment on column ops.reports.reports is 'How many people complain.';
comment on column ops.reports.reasons is 'What they say, oldest first.';

revoke all on ops.reports from public, anon, authenticated, service_role;
