create or replace function private.media_url(file_path text)
returns text
language plpgsql
stable
security definer -- clients may not read the settings
set search_path = ''
as $$
begin
    return (
        select s.url_endpoint || media_url.file_path
        from private.settings as s
        where s.singleton
    );
end
$$;

comment on function private.media_url(text) is
'The public URL of a file at ImageKit, built from its path: the only place that does.';

revoke all on function private.media_url(text)
from public, anon, authenticated, service_role;
