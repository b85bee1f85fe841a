create or replace function private.raise_try_later(
    message text,
    detail text,
    wait interval
)
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
    v_seconds constant bigint := greatest(1, ceil(extract(epoch from wait)));
begin
    -- The one form in which PostgREST takes a header from an error: what its caller sees
    -- are the fields of the first JSON, so it is the body of every other error of ours.
    raise exception using
        errcode = 'PGRST',
        message = json_build_object(
            'code', 'PT429',
            'message', raise_try_later.message,
            'details', raise_try_later.detail,
            'hint', format('Try again in %s seconds.', v_seconds)
        ),
        detail = json_build_object(
            'status', 429,
            'headers', json_build_object('Retry-After', v_seconds::text)
        );
end
$$;

comment on function private.raise_try_later(text, text, interval) is
'Refuses with HTTP 429 and Retry-After, in whole seconds and at least one; never returns. '
'message: a slug; detail: a sentence. Callers get {code: PT429, message, details, hint}; '
'in psql both texts are JSON, the SQLSTATE is PGRST.';

revoke all on function private.raise_try_later(text, text, interval)
from public, anon, authenticated, service_role;
