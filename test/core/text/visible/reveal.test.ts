/** What must be seen is seen, and ordinary writing in any language stays as it is. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { reveal, revealLine } from '../../../../src/core/text/visible/reveal.ts';
import { signs } from '../../../../src/core/view/card.ts';
import { oddText } from '../../../fuzz/arbitrary.ts';
import { isLong, runs } from '../../../support/property.ts';

const hidden: readonly (readonly [what: string, text: string, shown: string])[] = [
  ['a lone carriage return', 'safe\rrm -rf', 'safe⟨U+000D⟩rm -rf'],
  ['two before a line feed', 'a\r\r\nb', 'a⟨U+000D⟩\nb'],
  ['an escape sequence', '\u001b[2J', '⟨U+001B⟩[2J'],
  ['a next line', 'a\u0085b', 'a⟨U+0085⟩b'],
  ['a line separator', 'a\u2028b\u2029c', 'a⟨U+2028⟩b⟨U+2029⟩c'],
  ['a change of direction', 'a\u202eb\u2066c\u200fd', 'a⟨U+202E⟩b⟨U+2066⟩c⟨U+200F⟩d'],
  ['a zero-width space', 'a\u200bb', 'a⟨U+200B⟩b'],
  ['a joiner between letters', 'a\u200db\u200cc', 'a⟨U+200D⟩b⟨U+200C⟩c'],
  ['a soft hyphen', 'pay\u00adpal', 'pay⟨U+00AD⟩pal'],
  ['a word joiner and a byte order mark', 'a\u2060b\ufeffc', 'a⟨U+2060⟩b⟨U+FEFF⟩c'],
  ['a long run', `a${'\u200b'.repeat(12)}b`, 'a⟨U+200B × 12⟩b'],
  ['a run of many', 'a\u200b\u200c\u200d\u200e\u200f\u2060\u2061b', 'a⟨U+200B⟩⟨U+200C⟩⟨U+200D⟩⟨U+200E⟩⟨and 3 more⟩b'],
  ['tags', 'ok\u{e0069}\u{e0067}', 'ok⟨U+E0069⟩⟨U+E0067⟩'],
  ['tags behind a flag that is none', '🏴\u{e0072}\u{e006d}\u{e007f}', '🏴⟨U+E0072⟩⟨U+E006D⟩⟨U+E007F⟩'],
  ['selectors after a letter', 'a\ufe0fb\u{e0100}c\ufe00', 'a⟨U+FE0F⟩b⟨U+E0100⟩c⟨U+FE00⟩'],
  ['selectors that spell bytes', '字\u{e0100}\u{e0105}', '字\u{e0100}⟨U+E0105⟩'],
  ['a second selector', '☎\ufe0f\ufe0f', '☎\ufe0f⟨U+FE0F⟩'],
  ['private use', 'a\ue000b', 'a⟨U+E000⟩b'],
  ['an object’s placeholder', 'a\ufffcb', 'a⟨U+FFFC⟩b'],
  ['half of a character', 'a\ud800b', 'a\ufffdb'],
  ['a stroke through a word', 'do n\u0336o\u0336t\u0336 pay', 'do n⟨U+0336⟩o⟨U+0336⟩t⟨U+0336⟩ pay'],
  ['strokes on one letter', `x${'\u0336'.repeat(12)}`, 'x⟨U+0336 × 12⟩'],
  ['slashes', 'a\u0337b\u0338', 'a⟨U+0337⟩b⟨U+0338⟩'],
  ['a long vertical line', 'a\u20d2', 'a⟨U+20D2⟩'],
  ['a circle around a letter', 'a\u20ddb\u20e0\u0488', 'a⟨U+20DD⟩b⟨U+20E0⟩⟨U+0488⟩'],
  ['a keycap on a letter', 'a\u20e3', 'a⟨U+20E3⟩'],
  ['a fourth accent', 'Z\u0301\u0302\u0303\u0304', 'Z\u0301\u0302\u0303⟨U+0304⟩'],
  [
    'a tower of accents',
    'Z\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309',
    'Z\u0301\u0302\u0303⟨U+0304⟩⟨U+0305⟩⟨U+0306⟩⟨U+0307⟩⟨and 2 more⟩',
  ],
  ['the same accent twice', 'e\u0301\u0301', 'e\u0301⟨U+0301⟩'],
  ['an accent on nothing', '\u0301a b\n\u0302', '⟨U+0301⟩a b\n⟨U+0302⟩'],
  ['a dot under a digit, as if in a thousand', '1\u0323000', '1⟨U+0323⟩000'],
  ['a Thai tower', `ก${'\u0e47\u0e49'.repeat(6)}`, 'ก\u0e47\u0e49\u0e47⟨U+0E49⟩⟨U+0E47⟩⟨U+0E49⟩⟨U+0E47⟩⟨and 5 more⟩'],
  ['an Arabic tower', 'ب\u064e\u0650\u064e\u0650\u064e\u0650', 'ب\u064e\u0650\u064e\u0650⟨U+064E⟩⟨U+0650⟩'],
  ...[0xa0, 0x1680, 0x2000, 0x2003, 0x2007, 0x2009, 0x200a, 0x202f, 0x205f, 0x3000, 0x2800].map(
    (code) =>
      [
        `the blank ${code.toString(16)}`,
        `rm${String.fromCodePoint(code)}x`,
        `rm⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩x`,
      ] as const,
  ),
  ['a Vedic stroke through a word', 'do n\u1cd4o\u1cd4t', 'do n⟨U+1CD4⟩o⟨U+1CD4⟩t'],
  ['Vedic strokes of all forms', 'न\u1cd4a\u1ce2b\u1ce5c\u1ce8', 'न⟨U+1CD4⟩a⟨U+1CE2⟩b⟨U+1CE5⟩c⟨U+1CE8⟩'],
  ['strokes of extinct scripts', 'a\u{10a39}b\u{16af0}c\u{1bc9e}', 'a⟨U+10A39⟩b⟨U+16AF0⟩c⟨U+1BC9E⟩'],
  [
    'a Tibetan stack on a Latin letter',
    'n\u0fb1\u0fb2\u0f99\u0fb1\u0fb2\u0f99\u0fb1\u0fb2 ok',
    'n⟨U+0FB1⟩⟨U+0FB2⟩⟨U+0F99⟩⟨U+0FB1⟩⟨and 4 more⟩ ok',
  ],
  [
    'marks of other scripts than their letter’s',
    'a\u064bж\u0e34न\u0fb1字\u05b0가\u093e',
    'a⟨U+064B⟩ж⟨U+0E34⟩न⟨U+0FB1⟩字⟨U+05B0⟩가⟨U+093E⟩',
  ],
  ['a mark like a zero behind a number', 'pay 10\u0d02\u0d02, 1\u0fb1', 'pay 10⟨U+0D02 × 2⟩, 1⟨U+0FB1⟩'],
  ...[...'⦁∙●⋅·‧・･⸱⸳◦▪◉⦿ꞏㆍᐧ\u{10101}'].map(
    (dot) =>
      [`a row like a mask: ${dot}`, `${dot.repeat(6)} 41 characters`, `⟨${dot.repeat(6)}⟩ 41 characters`] as const,
  ),
  ['zeros that are no number', '٠٠٠٠٠٠ ۰۰۰', '⟨٠٠٠٠٠٠⟩ ⟨۰۰۰⟩'],
  ['dots of several kinds in a row', '••⦁••●', '⟨••⦁••●⟩'],
  ['rows of two dots', '⋯⋯⋯ redacted', '⟨⋯⋯⋯⟩ redacted'],
  ['dots beside a mask', '●•••••• 41 characters', '⟨●⟩•••••• 41 characters'],
  ['dots with selectors and joiners', '▪\ufe0f▪\ufe0f▪\ufe0f ▪\u200d▪', '⟨▪\ufe0f▪\ufe0f▪\ufe0f⟩ ▪⟨U+200D⟩▪'],
  ['lights like dots', '🌑🌑🌑⏺⚫', '⟨🌑🌑🌑⏺⚫⟩'],
  ['fillers', 'a\u115fb\u1160c\u3164d\uffa0', 'a⟨U+115F⟩b⟨U+1160⟩c⟨U+3164⟩d⟨U+FFA0⟩'],
  ['a gap of wide blanks', `田${'\u3000'.repeat(30)}x`, '田⟨U+3000 × 30⟩x'],
  ['a gap of no-break spaces', `ok${'\u00a0'.repeat(200)}x`, 'ok⟨U+00A0 × 200⟩x'],
  ['a sign', '✅ Approved by Dana Reyes', '⟨✅⟩ Approved by Dana Reyes'],
  ['a sign with its selector', '⚠\ufe0f no ⚠\ufe0e', '⟨⚠\ufe0f⟩ no ⟨⚠\ufe0e⟩'],
  ['signs in a row', '✅✅⛔ok', '⟨✅✅⛔⟩ok'],
  ['a sign joined to an emoji', '🔥\u200d✅', '🔥⟨U+200D⟩⟨✅⟩'],
  ['a stroke on a sign', '✅\u0338', '⟨✅⟩⟨U+0338⟩'],
  ['a sign that only begins with a bracket', '⟨✅ ok⟩', '⟨⟨✅⟩ ok⟩'],
  ...[...'⛔⏳🛑📤⚪☑✔✓✗✘🚫❌❎⌛❗❕‼🟢🔴🟡🟥⬜⚫🚨⏰🗹🆗'].map(
    (sign) => [`the sign ${sign}`, `${sign}x`, `⟨${sign}⟩x`] as const,
  ),
];

const ordinary: readonly (readonly [language: string, text: string])[] = [
  ['English', 'Don’t pay “Łukasz & Zoë”—café, naïve; 5 × 3 = 15 ± 1 µm √2 ○ ● • → €'],
  ['English, decomposed', 'cafe\u0301 nai\u0308ve'],
  ['French', 'Attention\u202f: payer «\u00a0Léa\u00a0» 1\u202f234\u202f567,89\u00a0€\u00a0? Non\u00a0!'],
  ['Vietnamese, decomposed', 'Tiếng Việt Nguyễn Thị Phương'.normalize('NFD')],
  ['Greek, decomposed', 'ᾄδω τῷ ἄνθρωπος ᾧ'.normalize('NFD')],
  ['Yoruba', 'ọ̀rẹ́ mi ń sùn'.normalize('NFD')],
  ['Russian', 'Оплатить счёт №\u00205 для ёлки, й'.normalize('NFD')],
  ['Hebrew with vowels and accents', 'בְּרֵאשִׁ֖ית בָּרָ֣א אֱלֹהִ֑ים אֵ֥ת הַשָּׁמַ֖יִם'],
  ['Arabic with vowels', 'بِسْمِ ٱللَّهِ ٱلرَّحْمَٰنِ ٱلرَّحِيمِ ۝'],
  ['Persian', 'می\u200cخواهم کتاب\u200cها را'],
  ['Urdu', 'آپ کا شکریہ، قیمت ۱۲۳۴ روپے'],
  ['Hindi', 'कृपया श्रीमती को ५०० रुपये का भुगतान करें, क्षत्रिय र्‍य क्‌ष'],
  ['Bengali', 'র\u200d্যাব অনুগ্রহ করে পরিশোধ করুন'],
  ['Tamil', 'தயவுசெய்து செலுத்துங்கள் க்ஷ'],
  ['Malayalam', 'അവന്\u200d വന്നു ക്ഷ'],
  ['Sinhala', 'ශ්\u200dරී ලංකා'],
  ['Thai', 'กรุณาชำระเงินให้ผู้ใช้ น้ำ ที่นี่ เปี๊ยก ๆ'],
  ['Lao', 'ກະລຸນາຈ່າຍ ນ້ຳ'],
  ['Khmer', 'សូមបង់ប្រាក់ ស្ត្រី'],
  ['Burmese', 'ကျေးဇူးပြု၍ မြွှေ့ ကျွန်ုပ်'],
  ['Tibetan', 'བསྒྲུབས་ བཀྲ་ཤིས་ ཧཱུྂ'],
  ['Arabic and Persian sums', '٥٠٠٠ ريال، ۱٬۰۰۰٬۰۰۰ تومان، ٣٫٠٠٠'],
  ['Malayalam ordinals', '5ാം ക്ലാസ്, 10ാം തീയതി'],
  ['Telugu, Kannada, Gujarati, Punjabi and Odia', 'దయచేసి చెల్లించండి ಪಾವತಿಸಿ કૃપા કરીને ਕਿਰਪਾ ਕਰਕੇ ଦୟାକରି ଦେୟ'],
  ['Vedic Sanskrit', 'अ॒ग्निमी॑ळे पु॒रोहि॑तं'],
  ['Amharic, Dhivehi, Syriac, N’Ko, Adlam', 'እባክዎ ދިވެހި ܫܠܳܡܳܐ ߒߞߏ߫ 𞤀𞤣𞤢𞤥𞥄'],
  ['Javanese, Balinese, Sundanese', 'ꦧꦱꦗꦮ ꦏꦿꦶ ᬩᬲᬩᬮᬶ ᮞᮥᮔ᮪ᮓ'],
  ['Church Slavonic', 'Гдⷭ҇и поми́лꙋй'],
  ['one dot or two, and our masks', 'ジョン・スミス col·legi ● a ●● x⋅y 1 + ⋯ + n •••••• 41 characters, ••••'],
  ['Korean', '김철수에게 환불해 주세요 (주)한국'],
  ['Korean, decomposed', '환불해 주세요'.normalize('NFD')],
  ['Japanese', '　田中　太郎様へ返金、ﾊﾝｶｸ「はい」がぎぐ 葛\u{e0100}城'],
  ['Japanese, decomposed', 'がぎぐげご パピプ'.normalize('NFD')],
  ['Chinese', '　　请向王小明退款５０元。'],
  ['Mongolian', 'ᠮᠣᠩᠭᠣᠯ\u202fᠤᠨ ᠠᠷᠠ\u180eᠠ'],
  ['braille', '⠓⠑⠇⠇⠕\u2800⠺⠕⠗⠇⠙'],
  ['mathematics, decomposed', '=\u0338 ∈\u0338'],
  [
    'emoji',
    '😀 ❤\ufe0f ☎\ufe0e 👍🏽 👩\u200d👩\u200d👧\u200d👦 👩🏽\u200d🚀 👨🏿\u200d🦰 🏳\ufe0f\u200d🌈 ❤\ufe0f\u200d🔥 🏴\u200d☠\ufe0f ©\ufe0f',
  ],
  ['emoji that have a square in them', '🍄\u200d🟫 🍋\u200d🟩 🐈\u200d⬛'],
  ['flags', '🇩🇪🇯🇵 🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}!'],
  ['keycaps', '1\ufe0f\u20e3 #\ufe0f\u20e3 *\u20e3'],
  ['code', 'if (a < b) {\n\treturn a ?? "x\\n";\n}'],
];

describe('reveal', () => {
  for (const [what, text, shown] of hidden) {
    test(`makes visible: ${what}`, () => assert.equal(reveal(text), shown));
  }

  for (const [language, text] of ordinary) {
    test(`leaves as it is: ${language}`, () => assert.equal(reveal(text), text));
  }

  test('knows each sign of a card', () => {
    for (const sign of Object.values(signs)) assert.equal(reveal(`a ${sign} b`), `a ⟨${sign}⟩ b`);
  });

  test('reads Windows’ line ends as line breaks', () => assert.equal(reveal('a\r\nb'), 'a\nb'));

  test('changes nothing the second time, and keeps every character that has a shape, in its order', () => {
    const any = fc.oneof(
      oddText(),
      fc.string({ unit: fc.constantFrom(...hidden.flatMap(([, text]) => [...text])), maxLength: 40 }),
      fc.string({ unit: fc.constantFrom(...ordinary.flatMap(([, text]) => [...text])), maxLength: 40 }),
    );
    const lettersOf = (text: string) => [...text].filter((one) => /(?!\p{DI})[\p{L}\p{N}\p{P}]/u.test(one));
    fc.assert(
      fc.property(any, (text) => {
        const shown = reveal(text);
        assert.equal(reveal(shown), shown);
        const letters = lettersOf(text.toWellFormed());
        let at = 0;
        for (const letter of lettersOf(shown)) if (letter === letters[at]) at += 1;
        assert.equal(at, letters.length);
      }),
      { numRuns: runs(2_000) },
    );
  });

  test('names a blank on one line, and keeps the wide blank of a Japanese name', () => {
    assert.equal(revealLine(' a \n\t b\u00a0c　'), 'a b⟨U+00A0⟩c⟨U+3000⟩');
    assert.equal(revealLine('田中　太郎'), '田中　太郎');
  });
});

describe('a very long text', () => {
  // The square of either length would take minutes.
  const size = isLong ? 1_000_000 : 250_000;
  const units = [
    'a',
    'é',
    '字',
    '😀',
    '\u200b',
    '\u200d',
    '\u202e',
    '\u0301',
    'a\u0336',
    '\u3000',
    '\u00a0',
    '\ufe0f',
    '\u{e0041}',
    '✅',
    '⚠\ufe0f',
    '\r',
    '\ud800',
    '🔥\u200d',
    '🔥\u200d✅',
    'ก\u0e47\u0e49',
    '⟨',
    '⟨✅',
    '\u200b\u200c',
    '田\u3000',
    '\u064b',
    '1\ufe0f\u20e3',
    '🏴\u{e0067}',
    '●',
    '•',
    '•⦁',
    '⦁•••',
    '▪\ufe0f',
    '٠',
    '١٠',
    'n\u0fb1',
    'n\u1cd4',
  ];
  for (const unit of units) {
    test(`of ${JSON.stringify(unit)} is shown, in few more characters than a mark each`, () => {
      const text = unit.repeat(size / unit.length);
      assert.ok(reveal(text).length <= 12 * size);
    });
  }

  test('in one run is one mark', () => {
    assert.equal(reveal('\u200b'.repeat(size)), `⟨U+200B × ${size}⟩`);
    assert.equal(reveal('\u200b\u200c'.repeat(size)), `⟨U+200B⟩⟨U+200C⟩⟨U+200B⟩⟨U+200C⟩⟨and ${2 * size - 4} more⟩`);
  });
});
