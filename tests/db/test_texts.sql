-- Texts are stored trimmed and in NFC, through any door, and show something.

begin;
select plan(71);

select ops.set_rate_rule(r.action, 1000, r.per)
from private.rate_rules as r
where r.action = 'comment';
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
    (e'a\u2067b\u2068c\u2069', 'abc', 'nor do isolates turn what follows'),
    (e'a\u206Ab\uFFF9c', 'abc', 'nor is there a text behind a text'),
    (e'hi\U000E0068\U000E0069', 'hi', 'nor one of tags'),
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
    (e'a\tb', 'comment_invalid', 'a tab is refused'),
    ('a' || repeat(e'\u0316', 6), 'comment_invalid', 'six marks on a letter are refused'),
    ('x' || repeat(e'\u0310\u0323', 300), 'comment_invalid', 'so is what overflows'),
    ('x' || repeat(e'\u0489', 6), 'comment_invalid', 'also Cyrillic marks'),
    (e'\u0E01' || repeat(e'\u0E47', 6), 'comment_invalid', 'also Thai marks'),
    (e'\u05D0' || repeat(e'\u05B8\u0591', 3), 'comment_invalid', 'also Hebrew marks'),
    (e'\u0628' || repeat(e'\u064B\u06D6', 3), 'comment_invalid', 'also Arabic marks'),
    (
        e'\u0F40' || repeat(e'\u0F90', 9), 'comment_invalid',
        'also nine Tibetan letters below each other'
    ),
    (
        'a' || repeat(e'\u0316\u0316\u0316\u200D', 3), 'comment_invalid',
        'what is invisible between them keeps no marks apart'
    ),
    (
        e'\U0001F3F4' || repeat(e'\U000E0061', 7), 'comment_invalid',
        'a flag hides no text'
    )
) as t (written, slug, sentence);

-- What people write is none of this: it comes back as it was, in NFC.
select is(stored(written), normalize(written, nfc), 'a comment in ' || language)
from (
    values
    ('Hebrew with vowels and accents', 'בְּרֵאשִׁ֖ית בָּרָ֣א אֱלֹהִ֑ים אֵ֥ת הַשָּׁמַ֖יִם וְאֵ֥ת הָאָֽרֶץ'),
    ('Hebrew and English', e'שלום \u200Eworld\u200F!'),
    ('Arabic with vowels', 'بِسْمِ ٱللَّهِ ٱلرَّحْمَٰنِ ٱلرَّحِيمِ'),
    ('Persian with joiners', e'می\u200Cخواهم کتاب\u200Cها را بخوانم'),
    ('Hindi', 'क्षत्रिय संस्कृति में हिन्दी की ऊँचाइयाँ'),
    ('Tamil', 'தமிழ் எழுத்துகள் ஸ்ரீ'),
    ('Bengali', 'বাংলা স্ক্রিপ্ট রাষ্ট্র'),
    ('Thai', 'น้ำใจที่นี่ก็ได้ เพื่อนผู้ยิ่งใหญ่ ป้ำๆ เป๋อๆ'),
    ('Lao', 'ພາສາລາວ ນ້ຳໃຈ ຜູ້ທີ່'),
    ('Khmer', e'ភាសាខ្មែរ\u200Bស្ត្រី\u200Bខ្ញុំ'),
    ('Burmese', 'ကျွန်ုပ်တို့ မြန်မာဘာသာ ညွှန့်'),
    ('Tibetan', 'ཨོཾ་མ་ཎི་པདྨེ་ཧཱུྃ། ཧྐྵྨླྺྼྻྂ'),
    ('Vietnamese', 'Tiếng Việt: nghễ ngượng, ruộng rẫy'),
    ('Vietnamese, each mark for itself', normalize('Tiếng Việt: nghễ ngượng', nfd)),
    ('Ancient Greek', 'ᾧ τίνι τρόπῳ, ἄνδρες Ἀθηναῖοι'),
    ('Yoruba and phonetics', e'ọ̀rọ̀ ẹ̀kọ́ [ɛ̃̀ŋ\u0325\u030A\u0301]'),
    ('Korean, each sound for itself', normalize('한국어 댓글', nfd)),
    ('Japanese', normalize('がぎぐげご パピプ 葛󠄀城', nfd)),
    ('emoji', '👨‍👩‍👧‍👦 👩🏽‍❤️‍💋‍👨🏿 ❤️‍🔥 🏳️‍⚧️ 1️⃣#️⃣ 🧑🏻‍🚀'),
    ('flags', '🇳🇴🇮🇱 🏴󠁧󠁢󠁳󠁣󠁴󠁿🏴󠁧󠁢󠁥󠁮󠁧󠁿 🏳️‍🌈'),
    ('mathematics', e'x\u20D7 = a\u0338\u0302 \u2260 b')
) as t (language, written);

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
