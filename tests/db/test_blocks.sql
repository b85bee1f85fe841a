-- A block hides two people from each other, and only the one who blocks knows of it.

begin;
select plan(21);

select tests.note('by ada', tests.video('ada'));
select tests.note('by bob', tests.video('bob', interval '1 hour'));
select tests.note('by carol', tests.video('carol', interval '2 hours'));
select tests.comment(tests.id('by carol'), 'ada', 'from ada');
select tests.comment(tests.id('by carol'), 'bob', 'from bob');

create function owners_seen() returns text language sql as $$
    select string_agg(f.user_id, ', ' order by f.user_id) from public.feed() as f
$$;
create function writers_seen() returns text language sql as $$
    select string_agg(c.user_id, ', ' order by c.user_id)
    from public.video_comments_page(tests.id('by carol')) as c
$$;

select tests.sign_in('ada');
select lives_ok(
    $$insert into public.user_blocks (blocked_user_id) values ('bob')$$,
    'a person blocks another with a plain insert'
);
select is(
    tests.outcome(
        'insert into public.user_blocks (blocked_user_id) values (''bob'')'
    ),
    '0 rows', 'blocking again is silently nothing'
);
select lives_ok($$select public.block_user('bob')$$, 'by block_user() as well');
select is(owners_seen(), 'ada, carol', 'the one who blocks no longer meets his videos');
select is(writers_seen(), 'ada', 'nor his comments on the videos of others');
select results_eq(
    $$select user_id, blocked_user_id from public.user_blocks$$,
    $$values ('ada', 'bob')$$,
    'and sees whom she blocked'
);

select tests.sign_in('bob');
select is(owners_seen(), 'bob, carol', 'the one who is blocked no longer meets hers');
select is(writers_seen(), 'bob', 'nor her comments');
select is_empty(
    $$select from public.user_blocks$$, 'but cannot see that he is blocked'
);
select lives_ok(
    $$select public.unblock_user('bob')$$, 'lifting a block there is not is fine'
);
select is(
    tests.outcome('delete from public.user_blocks'), '0 rows',
    'nobody lifts the block of another'
);

select tests.sign_in('carol');
select is(owners_seen(), 'ada, bob, carol', 'a third person meets both');
select tests.as_anonymous();
select is(owners_seen(), 'ada, bob, carol', 'so does a stranger');

select tests.sign_in('ada');
select throws_ok(
    $$select public.block_user('ada')$$, 'PT400', 'cannot_block_yourself',
    'nobody blocks himself'
);
select throws_ok(
    $$select public.block_user('')$$, 'PT400', 'user_id_invalid',
    'an empty id is refused'
);
select throws_ok(
    $$insert into public.user_blocks (user_id, blocked_user_id)
      values ('carol', 'bob')$$,
    '42501', null, 'nobody blocks in another person''s name'
);
select public.block_user('mallory');
select lives_ok(
    $$select public.unblock_user('bob')$$, 'the one who blocks lifts the block'
);
select results_eq(
    'select blocked_user_id from public.user_blocks', $$values ('mallory')$$,
    'and no other'
);
select is(owners_seen(), 'ada, bob, carol', 'and meets him again');

select tests.as_owner();
select ops.set_setting('blocks_per_user', '2');
select tests.sign_in('ada');
select public.block_user('bob');
select throws_ok(
    $$select public.block_user('carol')$$, 'PT409', 'too_many_blocks',
    'the list of blocked people is limited'
);
select lives_ok(
    $$select public.block_user('bob')$$,
    'at the limit, blocking somebody already blocked is fine'
);

select * from finish();
rollback;
