create or replace function private.sweep_folder(folder text, files jsonb)
returns integer
language plpgsql
security definer -- media_worker holds no grant on tickets and orders
set search_path = ''
as $$
declare
    v_ticket record;
    v_ordered integer := 0;
begin
    for v_ticket in
        select
            t.id,
            t.state,
            t.file_path,
            f.file ->> 'fileId' as file_id
        from private.upload_tickets as t
        left join jsonb_array_elements(sweep_folder.files) as f (file)
            on t.file_path = f.file ->> 'filePath'
        cross join private.settings as s
        where
            t.folder = sweep_folder.folder
            and t.state in ('failed', 'expired')
            -- Before, its token may still bring a file that the list does not have.
            and t.expires_at <= now() - s.ticket_grace
        for update of t skip locked
    loop
        if v_ticket.file_id is not null then
            perform private.order_file(
                v_ticket.file_path, v_ticket.file_id, v_ticket.state
            );
            v_ordered := v_ordered + 1;
        end if;
        update private.upload_tickets as t
        set state = 'swept'
        where t.id = v_ticket.id;
    end loop;
    return v_ordered;
end
$$;

comment on function private.sweep_folder(text, jsonb) is
'Ends the failed and expired uploads of a folder to which no file can come any more: '
'what they left there is ordered deleted. files: all of the folder''s files as ImageKit lists them, [{filePath, fileId}]. '
'Gives the number of files ordered.';

revoke all on function private.sweep_folder(text, jsonb)
from public, anon, authenticated, service_role;
grant execute on function private.sweep_folder(text, jsonb)
to media_worker;
