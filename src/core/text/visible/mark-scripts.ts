/** Which scripts a mark is written in. Tested in test/core/text/visible/reveal.test.ts. */

/** All that have marks of their own, up to Unicode 15, which the oldest Node.js here knows. Marks of others are written out. */
const names =
  'Adlam Ahom Arabic Balinese Bamum Bassa_Vah Batak Bengali Bhaiksuki Bopomofo Brahmi Buginese Buhid Chakma Cham Coptic ' +
  'Cyrillic Devanagari Dives_Akuru Dogra Duployan Egyptian_Hieroglyphs Ethiopic Glagolitic Grantha Greek Gujarati ' +
  'Gunjala_Gondi Gurmukhi Han Hangul Hanifi_Rohingya Hanunoo Hebrew Hiragana Javanese Kaithi Kannada Katakana Kawi Kayah_Li Kharoshthi Khmer Khojki ' +
  'Khudawadi Lao Latin Lepcha Limbu Mahajani Makasar Malayalam Mandaic Manichaean Marchen Masaram_Gondi Meetei_Mayek Miao ' +
  'Modi Mongolian Myanmar Nag_Mundari Nandinagari Newa Nko Nyiakeng_Puachue_Hmong Old_Permic Old_Uyghur Oriya ' +
  'Pahawh_Hmong Rejang Samaritan Saurashtra Sharada Siddham SignWriting Sinhala Sogdian Soyombo Sundanese Syloti_Nagri ' +
  'Syriac Tagalog Tagbanwa Tai_Tham Tai_Viet Takri Tamil Telugu Thaana Thai Tibetan Tifinagh Tirhuta Toto Wancho Yezidi ' +
  'Zanabazar_Square';
let patterns: RegExp[] | null = null;
const scriptsMet = new Map<string, readonly RegExp[]>();

/** Whether a letter is of a script that its mark is written in. */
export function belongsTo(mark: string, letter: string): boolean {
  patterns ??= names.split(' ').map((name) => new RegExp(`\\p{Script_Extensions=${name}}`, 'u'));
  const scripts = scriptsMet.get(mark) ?? patterns.filter((script) => script.test(mark));
  scriptsMet.set(mark, scripts);
  return scripts.some((script) => script.test(letter));
}
