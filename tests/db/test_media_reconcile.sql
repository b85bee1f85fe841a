-- ImageKit's list of a folder against the tables, in both directions.

begin;
select plan(9);

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
select is_empty(
    $$select from private.compare_folder('/videos/2020-01-01/08', '[]')$$,
    'an empty folder nobody uses agrees'
);

select * from finish();
rollback;
