create or replace function private.reconcile_folder(folder text, files jsonb)
returns integer
language plpgsql
security definer -- media_worker holds no grant on files, tickets and orders
set search_path = ''
as $$
declare
    v_problem record;
    v_problems integer := 0;
begin
    for v_problem in
        select
            c.problem,
            c.file_path,
            c.file_id
        from private.compare_folder(
            reconcile_folder.folder, reconcile_folder.files
        ) as c
    loop
        if v_problem.problem = 'orphan' then
            perform private.order_file(
                v_problem.file_path, v_problem.file_id, 'orphan',
                (select s.deletion_grace from private.settings as s where s.singleton)
            );
        else
            perform private.raise_alarm(
                'file_missing',
                v_problem.file_path,
                'The media service does not have the file of a published video.'
            );
        end if;
        v_problems := v_problems + 1;
    end loop;
    return v_problems;
end
$$;

comment on function private.reconcile_folder(text, jsonb) is
'Acts on what private.compare_folder() finds: orphans are ordered deleted after '
'settings.deletion_grace, missing files raise an alarm. Gives the number of both.';

revoke all on function private.reconcile_folder(text, jsonb)
from public, anon, authenticated, service_role;
grant execute on function private.reconcile_folder(text, jsonb)
to media_worker;
