begin;
select plan(1);
select tests.sign_in('bob');
select is(public.erase_me(), true, 'x');
select diag(public.export_my_data()::text);
select * from finish();
rollback;
