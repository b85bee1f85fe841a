create or replace function private.media_url(
    file_path text,
    rendition text default 'original'
)
returns text
language plpgsql
stable
set search_path = ''
as $$
begin
    return (
        select
            s.url_endpoint || media_url.file_path
            || case
                when media_url.rendition = 'streaming' and s.adaptive_streaming
                    then '/ik-master.m3u8?tr=sr-240_360_480_720'
                else ''
            end
        from private.settings as s
        where s.singleton
    );
end
$$;

comment on function private.media_url(text, text) is
'The public URL of a file at ImageKit, built from its path: the only place that does. '
'rendition: original, or streaming for an HLS manifest while settings.adaptive_streaming '
'is on, else the original too.';

revoke all on function private.media_url(text, text)
from public, anon, authenticated, service_role;
