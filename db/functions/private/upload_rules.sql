create or replace function private.upload_rules(
    purpose text,
    out mime_types text[],
    out extension text,
    out max_bytes bigint,
    out max_seconds integer
)
returns record
language plpgsql
stable
set search_path = ''
as $$
begin
    select
        case upload_rules.purpose
            when 'video' then array['video/mp4', 'video/quicktime']
            else array['image/jpeg', 'image/png', 'image/webp']
        end,
        case upload_rules.purpose when 'video' then 'mp4' else 'jpg' end,
        case upload_rules.purpose
            when 'video' then s.max_video_bytes
            else s.max_image_bytes
        end,
        case upload_rules.purpose when 'video' then s.max_video_seconds end
    into
        upload_rules.mime_types,
        upload_rules.extension,
        upload_rules.max_bytes,
        upload_rules.max_seconds
    from private.settings as s
    where s.singleton;
end
$$;

comment on function private.upload_rules(text) is
'What may be uploaded for a purpose (video, thumbnail, avatar): types, the extension of '
'the file''s name, largest size, longest duration (null for pictures).';

revoke all on function private.upload_rules(text)
from public, anon, authenticated, service_role;
