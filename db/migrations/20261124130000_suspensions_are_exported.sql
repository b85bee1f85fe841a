-- Whoever asks for what is stored about him is told why he was suspended.

comment on column private.user_suspensions.reason is
'Why, in the administrator''s words. The person finds it in his export_my_data(), and in '
'no error.';
comment on column private.suspension_log.reason is
'Why, in the administrator''s words, for the person''s export_my_data() too; null when '
'he gave none.';
comment on column private.suspension_log.acted_by is
'The database role that acted; not exported.';
