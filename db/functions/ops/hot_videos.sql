create or replace view ops.hot_videos
with (security_invoker = true) as
select
    v.id,
    v.user_id as owner_id,
    v.title,
    d.pending,
    d.views as pending_views,
    d.likes as pending_likes,
    d.comments as pending_comments,
    v.views_count + d.views as views_count,
    v.likes_count + d.likes as likes_count,
    v.comments_count + d.comments as comments_count,
    t.rank as trending_rank,
    v.created_at
from (
    select
        p.video_id,
        count(*) as pending,
        coalesce(sum(p.views), 0) as views,
        coalesce(sum(p.likes), 0) as likes,
        coalesce(sum(p.comments), 0) as comments
    from private.video_deltas as p
    group by p.video_id
    order by pending desc
    limit 50
) as d
inner join public.videos as v on d.video_id = v.id
left join private.trending as t
    on
        d.video_id = t.video_id
        and t.epoch = (select max(l.epoch) from private.trending as l)
order by d.pending desc;

comment on view ops.hot_videos is
'The 50 videos that people react to most at this moment, the hottest first: those with '
'most changes of counters that are not folded yet, which each minute are.';
comment on column ops.hot_videos.owner_id is 'Whose video it is.';
comment on column ops.hot_videos.pending is
'Changes that wait for folding. Thousands that do not go down within minutes: look at '
'ops.cron_health.';
comment on column ops.hot_videos.pending_views is 'Views among them.';
comment on column ops.hot_videos.pending_likes is
'Likes among them, less those taken back.';
comment on column ops.hot_videos.pending_comments is
'Comments among them, less those deleted.';
comment on column ops.hot_videos.views_count is 'Exact, as readers see it.';
comment on column ops.hot_videos.likes_count is 'Exact, as readers see it.';
comment on column ops.hot_videos.comments_count is 'Exact, as readers see it.';
comment on column ops.hot_videos.trending_rank is
'Its place in the ranking of this minute, from 1; null beyond the 500th.';

revoke all on ops.hot_videos from public, anon, authenticated, service_role;
