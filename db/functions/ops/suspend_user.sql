create or replace function ops.suspend_user(
    user_id text,
    until timestamptz default null,
    reason text default null
)
returns void
language plpgsql
set search_path = ''
as $$
begin
    if suspend_user.until <= now() then
        raise exception 'a suspension ends in the future, not at %', suspend_user.until
            using errcode = 'invalid_parameter_value';
    end if;

    insert into private.user_suspensions as s (user_id, ends_at, reason)
    values (suspend_user.user_id, suspend_user.until, suspend_user.reason)
    on conflict on constraint user_suspensions_pkey do update
    set
        ends_at = excluded.ends_at,
        reason = excluded.reason;

    insert into private.suspension_log (user_id, action, ends_at, reason)
    values (suspend_user.user_id, 'suspend', suspend_user.until, suspend_user.reason);

    -- What he has uploaded and not published stays so and is swept: a webhook or the
    -- worker would publish it without him. Whoever is publishing one now holds its row.
    update private.upload_tickets as t
    set
        state = 'failed',
        reason = 'suspended',
        -- Its token is good until it expires: whatever comes by then is swept as well.
        next_check_at = greatest(
            now(),
            t.expires_at + (
                select s.ticket_grace from private.settings as s where s.singleton
            )
        )
    where
        t.user_id = suspend_user.user_id
        and t.state in ('issued', 'uploaded');
end
$$;

comment on function ops.suspend_user(text, timestamptz, text) is
'From now on this person writes nothing, through no door, and opens and publishes no '
'upload: "403 suspended", with the end in it. until: when it ends by itself, null for '
'good; reason: 1 to 500 characters, which he finds in his export_my_data() and in no '
'error. Again replaces both. He still reads; his videos stay, ops.hide_user_videos() '
'hides them; uploads that are not yet published fail. He is told on his live topic, as '
'the last that comes there, and cannot join it any more. Logged in private.suspension_log. '
'Errors: invalid_parameter_value for an end that is past, not_null_violation without a '
'reason, check_violation for a malformed user id or reason.';

revoke all on function ops.suspend_user(text, timestamptz, text)
from public, anon, authenticated, service_role;
