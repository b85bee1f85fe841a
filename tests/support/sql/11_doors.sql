-- What a statement would do, in a word; and every door to one video, tried at once.

create function tests.outcome(statement text)
returns text
language plpgsql
as $$
declare
    v_rows bigint;
begin
    execute outcome.statement;
    get diagnostics v_rows = row_count;
    raise exception using errcode = 'TRIED';
exception
    when sqlstate 'TRIED' then
        return v_rows || case v_rows when 1 then ' row' else ' rows' end;
    when others then
        return case
            when sqlstate like 'PT%' then sqlstate || ' ' || sqlerrm
            -- The form that carries Retry-After.
            when sqlstate = 'PGRST'
                then concat_ws(' ', sqlerrm::json ->> 'code', sqlerrm::json ->> 'message')
            else sqlstate
        end;
end
$$;

comment on function tests.outcome(text) is
'Run a statement and take it back. Gives how many rows it gave or changed ("1 row"), or '
'its error ("42501", "PT404 video_not_found").';

create function tests.refused_by(statement text)
returns text
language plpgsql
as $$
declare
    v_constraint text;
begin
    execute refused_by.statement;
    return 'nothing';
exception
    when integrity_constraint_violation then
        get stacked diagnostics v_constraint = constraint_name;
        return v_constraint;
end
$$;

comment on function tests.refused_by(text) is
'The name of the constraint that refuses a statement, or "nothing".';

create function tests.triggers_off()
returns void
language plpgsql
as $$
declare
    v_table regclass;
begin
    for v_table in
        select distinct t.tgrelid
        from pg_trigger as t
        inner join pg_class as c on t.tgrelid = c.oid
        where
            c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
            and not t.tgisinternal
            and t.tgparentid = 0
    loop
        execute format('alter table %s disable trigger user', v_table);
    end loop;
end
$$;

comment on function tests.triggers_off() is
'Disable every trigger of ours; foreign keys stay.';

-- Reading and writing one video as the mobile app can: tables, views and functions.
-- Statements without a where clause on purpose: they must not reach invisible rows.
create function tests.doors(video_id uuid)
returns table (door text, statement text)
language sql
stable
as $$
    select
        d.door,
        replace(d.statement, '$1', quote_literal(doors.video_id))
    from (
        values
        ('videos', 'select from public.videos where id = $1'),
        ('video_feed', 'select from public.video_feed where id = $1'),
        ('feed', 'select from public.feed(page_size => 50) where id = $1'),
        (
            'user_videos',
            'select from public.user_videos('
            '(select v.user_id from public.videos as v where v.id = $1)'
            ', page_size => 50) where id = $1'
        ),
        ('my_likes', 'select from public.my_likes(page_size => 50) where id = $1'),
        ('trending_videos', 'select from public.trending_videos where id = $1'),
        (
            'trending_feed',
            'select from public.trending_feed(page_size => 50) where id = $1'
        ),
        ('get_video', 'select from public.get_video($1)'),
        ('video_comments', 'select from public.video_comments where video_id = $1'),
        (
            'video_comment_feed',
            'select from public.video_comment_feed where video_id = $1'
        ),
        ('video_comments_page', 'select from public.video_comments_page($1)'),
        ('video_likes', 'select from public.video_likes where video_id = $1'),
        ('like', 'insert into public.video_likes (video_id) values ($1)'),
        ('unlike', 'delete from public.video_likes where video_id = $1'),
        ('unlike all', 'delete from public.video_likes'),
        ('like_video', 'select from public.like_video($1)'),
        ('like_video off', 'select from public.like_video($1, false)'),
        ('like_video toggle', 'select from public.like_video($1, null)'),
        (
            'comment',
            'insert into public.video_comments (video_id, text) values ($1, ''hi'')'
        ),
        ('uncomment', 'delete from public.video_comments where video_id = $1'),
        ('uncomment all', 'delete from public.video_comments'),
        ('add_video_comment', 'select from public.add_video_comment($1, ''hi'')'),
        (
            'delete_video_comment',
            'select from public.delete_video_comment($1, ('
            'select c.id from public.video_comments as c where c.video_id = $1))'
        ),
        ('update', 'update public.videos set title = ''x'' where id = $1'),
        ('update all', 'update public.videos set title = ''x'''),
        ('update_video', 'select from public.update_video($1, ''x'')'),
        ('delete_video', 'select from public.delete_video($1)'),
        ('record_view', 'select from public.record_view($1)'),
        ('report_video', 'select from public.report_video($1, ''odd'')'),
        ('listen', 'select where private.can_listen(''video:'' || $1)')
    ) as d (door, statement)
$$;

comment on function tests.doors(uuid) is
'Every way to read or change one video, by name.';

create function tests.tried(video_id uuid)
returns table (door text, outcome text)
language sql
as $$
    select
        d.door,
        tests.outcome(d.statement)
    from tests.doors(tried.video_id) as d
$$;

comment on function tests.tried(uuid) is
'What the one who speaks gets at each door of a video. Nothing of it stays.';
