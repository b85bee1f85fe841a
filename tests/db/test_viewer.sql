-- Who is calling: the role decides, never a claim alone.

begin;
select plan(13);

insert into private.daily_salts (day, salt)
select (now() at time zone 'utc')::date, decode(repeat('ab', 32), 'hex')
on conflict (day) do update set salt = excluded.salt;

create function speak(role_name text, claims text) returns void language sql as $$
    select tests.speak(speak.role_name, null), set_config(
        'request.jwt.claims', speak.claims, true
    )
$$;

select tests.sign_in('ada');
select is(private.viewer_id(), 'ada', 'a signed-in person is the sub of the token');
select is(private.viewer_key(), 'user:ada', 'and told apart by it');

select tests.speak('anon', '{"sub": "ada", "role": "authenticated"}');
select is(private.viewer_id(), null, 'a stranger with forged claims is nobody');
select tests.speak('service_role', '{"sub": "ada"}');
select is(private.viewer_id(), null, 'nor is the service key anybody');
select tests.as_owner();
select set_config('request.jwt.claims', '{"sub": "ada"}', true);
select is(private.viewer_id(), null, 'nor an administrator with claims left over');

select speak('authenticated', '');
select is(private.viewer_id(), null, 'claims that are empty are nobody''s');
select speak('authenticated', '{"role": "authenticated"}');
select is(private.viewer_id(), null, 'claims without a sub are nobody''s');
select speak('authenticated', '{"sub": ""}');
select is(private.viewer_id(), null, 'an empty sub is nobody');
select throws_ok(
    'select private.require_viewer()', 'PT401', 'sign_in_required',
    'who is nobody is asked to sign in'
);

select tests.as_anonymous('203.0.113.7');
select is(
    private.viewer_key(),
    'address:' || encode(extensions.hmac(
        '203.0.113.7', decode(repeat('ab', 32), 'hex'), 'sha256'
    ), 'hex'),
    'a stranger is a hash of his address and the day''s salt'
);
select tests.as_anonymous();
select is(private.viewer_key(), 'anonymous', 'without an address all strangers are one');

select tests.as_owner();
select ops.set_setting('address_header', 'cf-connecting-ip');
select tests.as_anonymous('203.0.113.7');
select is(
    private.viewer_key(), 'anonymous', 'a header that is not the trusted one says nothing'
);
select tests.speak('anon', '{"role": "anon"}', '{"cf-connecting-ip": "203.0.113.7"}');
select matches(
    private.viewer_key(), '^address:', 'which header it is, is a setting'
);

select * from finish();
rollback;
