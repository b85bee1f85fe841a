-- A legal hold: what is held outlives retention, purge and erasure, and is seen by nobody
-- for longer than before.

begin;
select plan(28);

select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
select tests.as_owner();
select tests.note('old', tests.video('ada', interval '20 days'));
select tests.note('old too', tests.video('ada', interval '20 days'));
select tests.note('deleted', tests.video('ada', interval '1 hour'));
select tests.note('ended', tests.video('bob', interval '2 hours'));
insert into private.video_files (video_id, file_id, file_path, bytes)
select v.id, 'f-' || v.id, '/videos/2026-01-01/10/' || v.id, 1 from public.videos as v;
insert into public.video_likes (video_id, user_id)
select v.id, 'carol' from public.videos as v;
select tests.comment(tests.id('old'), 'carol');
update public.videos set deleted_at = now() where id = tests.id('deleted');
delete from private.media_deletions where true;
delete from public.videos where id = tests.id('ended');

select lives_ok(
    $$select ops.hold_video(tests.id('old'), 'case 1')$$, 'an administrator holds a video'
);
select lives_ok(
    $$select ops.hold_video(tests.id('old'), 'case 2')$$, 'and says again why'
);
select results_eq(
    'select video_id, reason, held_by from private.video_holds',
    format($$values (tests.id('old'), 'case 2', %L)$$, session_user),
    'it is held once, for the last reason'
);
select lives_ok(
    $$select ops.hold_video(tests.id('deleted'), 'case 3')$$,
    'a video that is deleted and still stored can be held'
);
select throws_ok(
    $$select ops.hold_video(gen_random_uuid(), 'case 4')$$, 'P0002', null,
    'a video that never was cannot'
);
select throws_like(
    $$select ops.hold_video(tests.id('ended'), 'case 4')$$, 'there is no video %',
    'nor one that is gone'
);
create function pg_temp.detail(statement text) returns text language plpgsql as $$
declare
    v_detail text;
begin
    execute detail.statement;
    return null;
exception
    when no_data_found then
        get stacked diagnostics v_detail = pg_exception_detail;
        return v_detail;
end
$$;
select is(
    pg_temp.detail($$select ops.hold_video(tests.id('ended'), 'case 4')$$),
    format('It ended on %s: removed.', now()), 'which says when and why it ended'
);
select is(
    pg_temp.detail($$select ops.hold_video(gen_random_uuid(), 'case 4')$$),
    'It never was, or ended long ago.', 'or that nobody knows'
);
select throws_ok(
    format('select ops.hold_video(tests.id(''old''), %L)', reason), '23514', null,
    'a hold has a reason of 1 to 1000 characters'
)
from unnest(array['', repeat('x', 1001)]) as reason;
select throws_ok(
    $$select ops.release_hold(tests.id('old too'))$$, 'P0002', null,
    'what nobody holds cannot be released'
);
select results_eq(
    'select video_id, action, reason, acted_by from private.moderation_log order by id',
    format(
        $$values (tests.id('old'), 'hold', 'case 1', %1$L),
          (tests.id('old'), 'hold', 'case 2', %1$L),
          (tests.id('deleted'), 'hold', 'case 3', %1$L)$$, session_user
    ),
    'what was done, why and by whom is logged, and nothing that failed'
);

-- No reader, whoever.
select tests.sign_in('ada');
select is_empty(
    $$select d.door, d.outcome from tests.tried(tests.id('old')) as d
      where d.outcome not in ('0 rows', 'PT410 video_expired')
          and d.door not in ('unlike all', 'uncomment all', 'update all')$$,
    'a held video that has expired is gone for its owner'
);
select tests.sign_in('carol');
select is_empty(
    $$select d.door, d.outcome from tests.tried(tests.id('old')) as d
      where d.outcome not in ('0 rows', 'PT404 video_not_found')
          and d.door not in ('unlike all', 'uncomment all', 'update all')$$,
    'and for everybody else'
);

-- No way to lose it.
select tests.as_owner();
do $$
begin
    while private.retire_expired_videos() > 0 loop null; end loop;
    while private.purge_deleted_videos() > 0 loop null; end loop;
end
$$;
select set_eq(
    'select id from public.videos', array[tests.id('old'), tests.id('deleted')],
    'retention and the purge take what is not held, and no more'
);
select isnt_empty(
    format('select from %s where video_id = tests.id(''old'')', t),
    'it keeps its rows in ' || t
)
from unnest(array[
    'public.video_likes', 'public.video_comments', 'private.video_files'
]) as t;
select is_empty(
    $$select from private.media_deletions as m where m.kind = 'folder'$$,
    'its folder does not go whole'
);
select is_empty(
    $$select from private.media_deletions as m
      where m.target like '%' || tests.id('old') or m.target like '%' || tests.id('deleted')$$,
    'and its file is not ordered deleted'
);
select throws_ok(
    $$delete from public.videos where id = tests.id('old')$$, '23503', null,
    'a plain delete is refused'
);
select throws_ok(
    $$delete from public.user_profiles where user_id = 'ada'$$, '23503', null,
    'and so is the erasure of its owner'
);

-- Released, it goes.
select lives_ok(
    format('select ops.release_hold(%L)', tests.id(name)), 'the hold is released: ' || name
)
from unnest(array['old', 'deleted']) as name;
select is(
    (select array_agg(action || ' ' || reason order by id) from private.moderation_log
     where action = 'release'),
    array['release case 2', 'release case 3'], 'which is logged'
);
select is(
    (select array_agg(private.retire_expired_videos()) from generate_series(1, 4)),
    array[1, 1, 1, 0], 'then its leaves and the video go'
);
select results_eq(
    $$select reason from private.video_tombstones where video_id = tests.id('old')$$,
    $$values ('expired')$$, 'with a tombstone'
);
select tests.as_service();
select throws_ok(
    $$select ops.hold_video(tests.id('deleted'), 'x')$$, '42501', null,
    'the service key is no administrator'
);
select tests.as_owner();

select * from finish();
rollback;
