-- Texts are stored trimmed and in NFC, through any door, and show something.

begin;
select plan(38);

select tests.note('video', tests.video('ada'));
create function stored(written text) returns text language sql as $$
    insert into public.video_comments (video_id, text)
    values (tests.id('video'), stored.written)
    returning text
$$;
create function title_of(written text) returns text language sql as $$
    update public.videos set title = title_of.written
    where id = tests.id('video')
    returning title
$$;
create function description_of(written text) returns text language sql as $$
    update public.videos set description = description_of.written
    where id = tests.id('video')
    returning description
$$;

select tests.sign_in('ada');
select is(stored(written), expected, 'a comment: ' || sentence)
from (
    values
    (e' \t\n hello \u00A0\u3000', 'hello', 'spaces of any kind are trimmed'),
    (e'one\r\ntwo', e'one\ntwo', 'line ends become line feeds'),
    (e'e\u0301', e'\u00E9', 'a letter and its accent become one character'),
    (e'a\u202Ecod.exe', 'acod.exe', 'marks that turn the writing round are removed'),
    (e'e\u202E\u0301', e'\u00E9', 'removing them leaves NFC'),
    (e'\u202E hi', 'hi', 'what they hid is trimmed'),
    (repeat('x', 1000) || '  ', repeat('x', 1000), 'the limit counts what is stored'),
    (repeat('😀', 1000), repeat('😀', 1000), 'the limit counts characters, not bytes')
) as t (written, expected, sentence);
select throws_ok(
    format('select stored(%L)', written), 'PT400', slug, 'a comment: ' || sentence
)
from (
    values
    (null, 'comment_empty', 'null is refused'),
    ('', 'comment_empty', 'no text is refused'),
    (e' \n\t ', 'comment_empty', 'spaces alone are refused'),
    (e'\u200B\u2060', 'comment_invalid', 'invisible characters alone are refused'),
    (e'\u3164\uFE0F', 'comment_invalid', 'fillers alone are refused'),
    (repeat('x', 1001), 'comment_too_long', '1001 characters are refused'),
    (e'a\u0007b', 'comment_invalid', 'a bell is refused'),
    (e'a\u0085b', 'comment_invalid', 'a C1 control is refused'),
    (e'a\tb', 'comment_invalid', 'a tab is refused')
) as t (written, slug, sentence);

select is(title_of(written), expected, 'a title: ' || sentence)
from (
    values
    (' sunset ', 'sunset', 'it is trimmed'),
    ('', null, 'nothing is null'),
    (null, null, 'null is null'),
    (repeat('x', 200), repeat('x', 200), '200 characters fit')
) as t (written, expected, sentence);
select throws_ok(
    format('select title_of(%L)', written), 'PT400', slug, 'a title: ' || sentence
)
from (
    values
    (repeat('x', 201), 'title_too_long', '201 characters are refused'),
    (e'two\nlines', 'title_invalid', 'it has one line'),
    (e'\u200B', 'title_invalid', 'it shows something'),
    (e'a\u0008b', 'title_invalid', 'it has no control characters')
) as t (written, slug, sentence);

select is(description_of(written), expected, 'a description: ' || sentence)
from (
    values
    (e'one\n\ntwo\n', e'one\n\ntwo', 'it may have lines'),
    ('', null, 'nothing is null'),
    (repeat('x', 2000), repeat('x', 2000), '2000 characters fit')
) as t (written, expected, sentence);
select throws_ok(
    format('select description_of(%L)', written), 'PT400', slug,
    'a description: ' || sentence
)
from (
    values
    (repeat('x', 2001), 'description_too_long', '2001 characters are refused'),
    (e'\u200B', 'description_invalid', 'it shows something'),
    (e'a\u0001b', 'description_invalid', 'it has no control characters')
) as t (written, slug, sentence);

select tests.as_owner();
select throws_ok(
    $$insert into public.video_comments (video_id, user_id, text)
      values (tests.id('video'), 'ada', repeat('x', 1001))$$,
    'PT400', 'comment_too_long', 'an administrator''s texts obey the same limits'
);
alter table public.video_comments disable trigger prepare_comment_on_write;
alter table public.videos disable trigger prepare_video_on_write;
select throws_ok(
    format(statement, written), '23514', null,
    'without its trigger the constraint still refuses: ' || sentence
)
from (
    values
    (
        'insert into public.video_comments (video_id, user_id, text) '
        'values (tests.id(''video''), ''ada'', %L)',
        repeat('x', 1001), 'a long comment'
    ),
    (
        'insert into public.video_comments (video_id, user_id, text) '
        'values (tests.id(''video''), ''ada'', %L)',
        e'\u200B', 'an invisible comment'
    ),
    ('update public.videos set title = %L', repeat('x', 201), 'a long title'),
    ('update public.videos set title = %L', e'\u2800', 'an invisible title'),
    ('update public.videos set description = %L', repeat('x', 2001), 'a long description'),
    ('update public.videos set description = %L', e'\u00AD', 'an invisible description')
) as t (statement, written, sentence);

select * from finish();
rollback;
