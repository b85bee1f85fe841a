-- depends: utc_text
create or replace function private.export_my_data(after jsonb)
returns json
language plpgsql
stable
security definer -- clients may not read most of it; gives the caller's own alone
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
declare
    v_viewer_id constant text := private.require_viewer();
    v_viewer_key constant text := 'user:' || v_viewer_id;
    -- As many as a phone takes in one answer: some hundred kilobytes, seldom more.
    v_most constant integer := 1000;
    -- Where each list begins. The numbers of suspensions are written in 18 digits, so
    -- that they sort as texts.
    v_start constant jsonb := (
        select jsonb_object_agg(l.list, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        from unnest(
            array[
                'videos', 'comments', 'likes', 'views', 'uploads', 'reports',
                'ended_videos'
            ]
        ) as l (list)
    ) || '{"blocks": "", "suspensions": "999999999999999999"}';
    -- Where each list goes on; null for a list that had ended.
    v_from jsonb := nullif(export_my_data.after, 'null');
    v_export json;
begin
    if
        jsonb_typeof(v_from) <> 'object'
        or exists (
            select
            from jsonb_each_text(
                case jsonb_typeof(v_from) when 'object' then v_from end
            ) as c (list, cursor)
            where
                not v_start ? c.list
                or case c.list
                    when 'blocks' then true
                    when 'suspensions' then c.cursor ~ '^[0-9]{18}$'
                    else c.cursor ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                end is not true
        )
    then
        raise exception using
            errcode = 'PT400',
            message = 'after_invalid',
            detail = 'This is not the next of a former answer.',
            hint = 'Pass next as it came, or nothing to begin.';
    end if;
    v_from := coalesce(v_from, v_start);

    with entries (list, cursor, entry) as (
        (
            select
                'videos',
                v.id::text,
                json_build_object(
                    'id', v.id,
                    'title', v.title,
                    'description', v.description,
                    'video_url', v.video_url,
                    'thumbnail_url', v.thumbnail_url,
                    'views_count', v.views_count + coalesce(d.views, 0),
                    'likes_count', v.likes_count + coalesce(d.likes, 0),
                    'comments_count', v.comments_count + coalesce(d.comments, 0),
                    'created_at', private.utc_text(v.created_at),
                    'updated_at', private.utc_text(v.updated_at),
                    'hidden_at', private.utc_text(v.hidden_at),
                    'deleted_at', private.utc_text(v.deleted_at)
                )
            from public.videos as v
            left join lateral (
                select
                    sum(p.views) as views,
                    sum(p.likes) as likes,
                    sum(p.comments) as comments
                from private.video_deltas as p
                where p.video_id = v.id
            ) as d on true
            where v.user_id = v_viewer_id and v.id < (v_from ->> 'videos')::uuid
            order by v.id desc
            limit v_most
        )
        union all
        (
            select
                'comments',
                c.id::text,
                json_build_object(
                    'id', c.id,
                    'video_id', c.video_id,
                    'text', c.text,
                    'request_id', c.request_id,
                    'created_at', private.utc_text(c.created_at)
                )
            from public.video_comments as c
            where c.user_id = v_viewer_id and c.id < (v_from ->> 'comments')::uuid
            order by c.id desc
            limit v_most
        )
        union all
        (
            select
                'likes',
                l.video_id::text,
                json_build_object(
                    'id', l.id,
                    'video_id', l.video_id,
                    'created_at', private.utc_text(l.created_at)
                )
            from public.video_likes as l
            where l.user_id = v_viewer_id and l.video_id < (v_from ->> 'likes')::uuid
            order by l.video_id desc
            limit v_most
        )
        union all
        (
            select
                'views',
                w.video_id::text,
                json_build_object(
                    'video_id', w.video_id,
                    'viewed_from', json_agg(
                        private.utc_text(w.viewed_from) order by w.viewed_from
                    )
                )
            from private.video_viewers as w
            where
                w.viewer_key = v_viewer_key
                and w.viewer_key like 'user:%'
                and w.video_id < (v_from ->> 'views')::uuid
            group by w.video_id
            order by w.video_id desc
            limit v_most
        )
        union all
        (
            select
                'uploads',
                t.id::text,
                json_build_object(
                    'ticket_id', t.id,
                    'purpose', t.purpose,
                    'file_path', t.file_path,
                    'mime_type', t.mime_type,
                    'bytes', t.bytes,
                    'title', t.title,
                    'description', t.description,
                    'state', t.state,
                    'reason', t.reason,
                    'video_id', t.video_id,
                    'request_id', t.request_id,
                    'issued_at', private.utc_text(t.issued_at),
                    'expires_at', private.utc_text(t.expires_at)
                )
            from private.upload_tickets as t
            where t.user_id = v_viewer_id and t.id < (v_from ->> 'uploads')::uuid
            order by t.id desc
            limit v_most
        )
        union all
        (
            select
                'reports',
                r.video_id::text,
                json_build_object(
                    'video_id', r.video_id,
                    'reason', r.reason,
                    'created_at', private.utc_text(r.created_at)
                )
            from private.video_reports as r
            where
                r.reporter_id = v_viewer_id
                and r.video_id < (v_from ->> 'reports')::uuid
            order by r.video_id desc
            limit v_most
        )
        union all
        (
            select
                'ended_videos',
                t.video_id::text,
                json_build_object(
                    'video_id', t.video_id,
                    'reason', t.reason,
                    'published_at', private.utc_text(t.published_at),
                    'ended_at', private.utc_text(t.ended_at)
                )
            from private.video_tombstones as t
            where
                t.user_id = v_viewer_id
                and t.video_id < (v_from ->> 'ended_videos')::uuid
            order by t.video_id desc
            limit v_most
        )
        union all
        (
            select
                'blocks',
                b.blocked_user_id,
                json_build_object(
                    'blocked_user_id', b.blocked_user_id,
                    'created_at', private.utc_text(b.created_at)
                )
            from public.user_blocks as b
            where b.user_id = v_viewer_id and b.blocked_user_id > v_from ->> 'blocks'
            order by b.blocked_user_id
            limit v_most
        )
        union all
        (
            -- Who of the administrators it was is not about the caller.
            select
                'suspensions',
                lpad(s.id::text, 18, '0'),
                json_build_object(
                    'action', s.action,
                    'reason', s.reason,
                    'ends_at', private.utc_text(s.ends_at),
                    'acted_at', private.utc_text(s.acted_at)
                )
            from private.suspension_log as s
            where
                s.user_id = v_viewer_id
                and s.id < (v_from ->> 'suspensions')::bigint
            order by s.id desc
            limit v_most
        )
    ),
    lists as (
        select
            l.list,
            coalesce(
                json_agg(e.entry) filter (where e.entry is not null), '[]'
            ) as entries,
            case
                when count(e.entry) < v_most then null
                when l.list = 'blocks' then max(e.cursor)
                else min(e.cursor)
            end as last_cursor
        from jsonb_object_keys(v_from) as l (list)
        left join entries as e on l.list = e.list
        group by l.list
    )
    select
        json_build_object(
            'user_id', v_viewer_id,
            'exported_at', private.utc_text(now()),
            'profile', (
                select
                    json_build_object(
                        'username', p.username,
                        'avatar', p.avatar,
                        'verified', p.verified,
                        'created_at', private.utc_text(p.created_at),
                        'updated_at', private.utc_text(p.updated_at)
                    )
                from public.user_profiles as p
                where p.user_id = v_viewer_id
            ),
            'lists', json_object_agg(l.list, l.entries),
            'next', json_object_agg(l.list, l.last_cursor)
                filter (where l.last_cursor is not null)
        )
    into v_export
    from lists as l;
    return v_export;
end
$$;

comment on function private.export_my_data(jsonb) is
'What there is about the caller, for public.export_my_data(). Errors: sign_in_required, '
'after_invalid.';

revoke all on function private.export_my_data(jsonb)
from public, anon, authenticated, service_role;
grant execute on function private.export_my_data(jsonb)
to authenticated, service_role;
