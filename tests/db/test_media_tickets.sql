-- The moves a ticket may make, and how many bytes a person may open tickets for.

begin;
select plan(38);

select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
select tests.as_owner();

-- Every move, legal or not.
create temporary table moves (old_state, new_state) as
select o.state as old_state, n.state as new_state
from unnest(array['issued', 'uploaded', 'published', 'failed', 'expired', 'swept'])
    as o (state)
cross join unnest(
    array['issued', 'uploaded', 'published', 'failed', 'expired', 'swept']
) as n (state)
where o.state <> n.state;
create function pg_temp.moves_to(old_state text, new_state text) returns boolean
language plpgsql as $$
declare
    v_id constant uuid := private.uuid_v7();
begin
    insert into private.upload_tickets (
        id, user_id, purpose, folder, file_name, expires_at, state, file_id
    )
    values (v_id, 'ada', 'video', '/videos/x', v_id::text, now(), old_state, v_id::text);
    update private.upload_tickets set state = new_state where id = v_id;
    return true;
exception
    when check_violation then
        return false;
end
$$;
select is(
    pg_temp.moves_to(m.old_state, m.new_state),
    (m.old_state, m.new_state) in (
        ('issued', 'uploaded'), ('issued', 'published'), ('issued', 'failed'),
        ('issued', 'expired'), ('uploaded', 'published'), ('uploaded', 'failed'),
        ('uploaded', 'expired'), ('failed', 'swept'), ('expired', 'swept')
    ),
    format('from %s to %s', m.old_state, m.new_state)
)
from moves as m;
delete from private.upload_tickets where user_id = 'ada';

-- Bytes a day: what announces no size counts as the largest there may be.
select ops.set_setting('bytes_per_day', '104857700');
select tests.as_media_worker();
select lives_ok(
    $$select private.open_upload('ada', bytes => 100)$$, 'a hundred bytes of the day'
);
select lives_ok(
    $$select private.open_upload('ada')$$, 'and as many as the largest video has'
);
select is(
    tests.outcome($$select private.open_upload('ada', bytes => 1)$$),
    'PT429 too_many_bytes', 'not one byte more'
);
select lives_ok(
    $$select private.open_upload('bob', bytes => 1)$$, 'others have a day of their own'
);
select tests.as_owner();
update private.upload_tickets set issued_at = now() - interval '24 hours 1 second';
select tests.as_media_worker();
select lives_ok(
    $$select private.open_upload('ada', bytes => 1)$$, 'a day later there is room'
);

-- What has ended counts as well: its bytes were sent.
select tests.as_owner();
select ops.set_setting('bytes_per_day', '104857601');
delete from private.upload_tickets where true;
select tests.as_media_worker();
select private.fail_upload('ada', (private.open_upload('ada')).ticket_id, 'no');
select lives_ok(
    $$select private.open_upload('ada', bytes => 1)$$, 'up to the last byte of the day'
);
select is(
    tests.outcome($$select private.open_upload('ada', 'avatar', bytes => 1)$$),
    'PT429 too_many_bytes', 'whatever became of the tickets, and whatever they were for'
);
select tests.as_owner();
select ops.set_setting('bytes_per_day', '5242881');
delete from private.upload_tickets where true;
select tests.as_media_worker();
select private.open_upload('ada', 'thumbnail');
select lives_ok(
    $$select private.open_upload('ada', bytes => 1)$$,
    'a picture without a size counts as the largest picture'
);

select * from finish();
rollback;
