create or replace function private.api_settings(
    out url_endpoint text,
    out address_header text,
    out max_video_bytes bigint
)
returns record
language plpgsql
stable
security definer -- media_worker may not read the other settings
set search_path = ''
as $$
begin
    select s.url_endpoint, s.address_header, s.max_video_bytes
    into
        api_settings.url_endpoint,
        api_settings.address_header,
        api_settings.max_video_bytes
    from private.settings as s
    where s.singleton;
end
$$;

comment on function private.api_settings() is
'The settings that the API has too: it refuses to start when they differ.';

revoke all on function private.api_settings()
from public, anon, authenticated, service_role;
grant execute on function private.api_settings()
to media_worker;
