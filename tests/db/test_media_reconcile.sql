-- ImageKit's list of a folder against the tables, in both directions.

begin;
select plan(22);

select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
select tests.note('there', tests.published('ada', with_thumbnail => true));
select tests.note('lost', tests.published('ada'));
select tests.note('deleted', tests.published('ada'));
update public.videos set deleted_at = now() where id = tests.id('deleted');
select tests.as_media_worker();
select tests.note('open', (private.open_upload('bob')).ticket_id);
select tests.as_owner();
create temporary table listing as
select
    t.folder,
    jsonb_build_object('filePath', t.file_path, 'fileId', 'file-' || t.id) as file
from private.upload_tickets as t
where t.video_id is distinct from tests.id('lost')
union all
select t.folder, jsonb_build_object('filePath', t.folder || '/nobody.mp4', 'fileId', 'n')
from private.upload_tickets as t
where t.id = tests.id('open');
grant select on listing to public;
create temporary view seen as
select min(folder) as folder, jsonb_agg(file) as files from listing;
grant select on seen to public;

select tests.as_media_worker();
select results_eq(
    $$select c.problem, c.file_path = s.folder || '/nobody.mp4', c.file_id
      from seen as s cross join private.compare_folder(s.folder, s.files) as c$$,
    $$values ('missing', false, null), ('orphan', true, 'n')$$,
    'a file nobody knows, and a video without its file; not an open upload, not what is '
    'ordered deleted'
);
select tests.as_owner();
select is(
    (select count(*)::integer from private.media_deletions where reason = 'orphan'), 0,
    'comparing changes nothing'
);
select tests.as_media_worker();
select is(
    private.reconcile_folder(s.folder, s.files), 2, 'reconciling acts on both'
) from seen as s;
select tests.as_owner();
select results_eq(
    $$select file_id, not_before - now() from private.media_deletions
      where reason = 'orphan'$$,
    $$values ('n', interval '24 hours')$$, 'the orphan goes, after its grace'
);
select is((select kind from ops.alarms), 'file_missing', 'the missing one raises an alarm');
select tests.as_media_worker();
select is(
    (
        select count(*)::integer
        from seen as s cross join private.compare_folder(s.folder, s.files) as c
        where c.problem = 'orphan'
    ),
    0, 'what is ordered is no orphan any more'
);

-- A thumbnail may lie in the folder of another hour than its video.
select tests.as_owner();
update private.video_files as f
set thumbnail_path = replace(f.thumbnail_path, '/videos/', '/videos/next/')
where f.video_id = tests.id('there');
select results_eq(
    $$select c.problem, c.file_path from private.video_files as f
      cross join private.compare_folder(
          f.thumbnail_folder,
          '[{"filePath": "/videos/next/other.jpg", "fileId": "o"}]'
      ) as c where f.video_id = tests.id('there') order by 1$$,
    $$select 'missing', f.thumbnail_path collate "default" from private.video_files as f
      where f.video_id = tests.id('there')
      union all values ('orphan', '/videos/next/other.jpg')$$,
    'there its thumbnail alone is missed'
);
select tests.as_media_worker();

-- Avatars live as long as they are shown.
select tests.note('old', (private.open_upload('carol', 'avatar')).ticket_id);
select tests.note('new', (private.open_upload('carol', 'avatar')).ticket_id);
select private.publish_avatar('carol', tests.id('old'), tests.details(tests.id('old')));
select private.publish_avatar('carol', tests.id('new'), tests.details(tests.id('new')));
select tests.as_owner();
delete from private.media_deletions where true;
create temporary view avatars as
select min(folder) as folder, jsonb_agg(tests.details(id)) as files
from private.upload_tickets where purpose = 'avatar';
select results_eq(
    $$select c.problem, c.file_id from avatars as s
      cross join private.compare_folder(s.folder, s.files) as c$$,
    $$values ('orphan', 'file-' || tests.id('old'))$$, 'a replaced one is an orphan'
);
select results_eq(
    $$select c.problem from avatars as s
      cross join private.compare_folder(s.folder, '[]') as c$$,
    $$values ('missing')$$, 'the one that is shown is missed'
);
select ops.set_setting('url_endpoint', 'https://media.example.com');
select results_eq(
    $$select c.problem, c.file_id from avatars as s
      cross join private.compare_folder(s.folder, s.files) as c$$,
    $$values ('orphan', 'file-' || tests.id('old'))$$,
    'also when the URL endpoint has changed since'
);
select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');

-- What waits for a decision is nobody's orphan; a folder that is ordered takes all along.
delete from private.media_deletions where true;
create function pg_temp.orphans(state text, target text) returns integer language plpgsql as $$
begin
    delete from private.media_deletions where true;
    insert into private.media_deletions (kind, target, file_id, reason, state)
    values (
        case when orphans.target like '%.mp4' then 'file' else 'folder' end,
        orphans.target, 'n', 'orphan', orphans.state
    );
    return (
        select count(*) from private.compare_folder('/videos/x/08', '[
            {"filePath": "/videos/x/08/n.mp4", "fileId": "n"}
        ]')
    );
end
$$;
select is(
    pg_temp.orphans(state, target), orphans,
    format('%s orphans with an order for %s that is %s', orphans, target, state)
)
from (
    values
    ('queued', '/videos/x/08/n.mp4', 0), ('stopped', '/videos/x/08/n.mp4', 0),
    ('queued', '/videos/x/08', 0), ('done', '/videos/x/08/n.mp4', 1),
    ('cancelled', '/videos/x/08/n.mp4', 1), ('dead', '/videos/x/08/n.mp4', 1),
    ('queued', '/videos/x/08/other.mp4', 1), ('queued', '/videos/x/09', 1)
) as t (state, target, orphans);

-- What is ordered is that file, and not the next at its path.
delete from private.media_deletions where true;
select private.order_file('/videos/x/08/n.mp4', 'before', 'failed');
select private.reconcile_folder('/videos/x/08', '[
    {"filePath": "/videos/x/08/n.mp4", "fileId": "n"}
]');
select results_eq(
    $$select file_id, state, not_before from private.media_deletions$$,
    $$values ('n', 'queued', now())$$, 'an order for a file that was there before is for this one'
);

-- One with a name that only somebody else would give.
delete from private.media_deletions where true;
select is(
    private.reconcile_folder('/videos/x/08', '[
        {"filePath": "/videos/x/08/my  film..mp4", "fileId": "a"},
        {"filePath": "/videos/x/08/été.mp4", "fileId": "b"}
    ]'),
    2, 'a file that a client named itself is an orphan as well'
);
select is(
    (select count(*)::integer from private.media_deletions), 2, 'and goes like any other'
);
select is_empty(
    $$select from private.compare_folder('/videos/2020-01-01/08', '[]')$$,
    'an empty folder nobody uses agrees'
);

select * from finish();
rollback;
