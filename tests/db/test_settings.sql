-- Settings are one typed row that an administrator changes by name.

begin;
select plan(14);

select lives_ok(
    $$select ops.set_setting('retention', '21 days')$$, 'a setting is written as in SQL'
);
select is(
    (select retention from ops.settings), interval '21 days', 'and is in force at once'
);
select throws_ok(
    format('select ops.set_setting(%L, %L)', name, value), code, null, sentence
)
from (
    values
    ('retention', 'soon', '22007', 'a value of another type is refused'),
    ('retention', '1 hour', '23514', 'a retention below a day is refused'),
    ('max_video_bytes', '0', '23514', 'a size of nothing is refused'),
    ('ticket_life', '1 hour', '23514', 'a ticket that ImageKit would refuse is refused'),
    ('url_endpoint', 'https://ik.imagekit.io/demo/', '23514', 'a trailing slash is refused'),
    ('url_endpoint', 'ik.imagekit.io', '23514', 'a URL without a scheme is refused'),
    ('address_header', 'X-Client', '23514', 'a header in capitals is refused'),
    ('retention_days', '1', 'P0001', 'an unknown name is refused'),
    ('singleton', 'false', 'P0001', 'the row itself is no setting')
) as t (name, value, code, sentence);
select throws_ok(
    'insert into private.settings (singleton) values (false)', '23514', null,
    'there is no second row'
);
select results_eq(
    $$select count(*)::integer from information_schema.columns
      where table_schema = 'ops' and table_name = 'settings'$$,
    $$select count(*)::integer - 1 from information_schema.columns
      where table_schema = 'private' and table_name = 'settings'$$,
    'ops.settings shows every one'
);
select tests.as_service();
select throws_ok(
    $$select ops.set_setting('retention', '365 days')$$, '42501', null,
    'only an administrator changes them'
);

select * from finish();
rollback;
