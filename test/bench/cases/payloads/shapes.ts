/** Texts of JSON that are hard to read, each of about the same size. */

/** @param size characters */
export function shapes(size: number): [name: string, json: string][] {
  const text = (piece: string) => piece.repeat(Math.ceil(size / piece.length));
  const filled = (part: (index: number) => string): string => {
    const parts: string[] = [];
    for (let length = 0; length < size; length += (parts.at(-1)?.length ?? 0) + 1) parts.push(part(parts.length));
    return parts.join(',');
  };
  const list = (part: (index: number) => string) => `{"list":[${filled(part)}]}`;
  const object = (part: (index: number) => string) => `{${filled(part)}}`;
  const nested = (open: string, close: string) => {
    const levels = Math.floor(size / (open.length + close.length));
    return `{"deep":${open.repeat(levels)}1${close.repeat(levels)}}`;
  };
  return [
    ['records', list((at) => `{"id":${at},"name":"Bo Li","email":"bo${at}@example.com","active":true,"share":0.5}`)],
    ['nested arguments', list((at) => `{"level":{"a":[{"b":{"c":"value ${at}","d":${at}}}]}}`)],
    ['60 levels', list((at) => `${'{"a":'.repeat(60)}${at}${'}'.repeat(60)}`)],
    ['brackets', nested('[', ']')],
    ['nested objects', nested('{"a":', '}')],
    ['keys', object((at) => `"key ${at}":${at}`)],
    ['keys that are numbers', object((at) => `"${at * 7}":1`)],
    ['one key again and again', object(() => '"a":1')],
    ['objects of one own key', list((at) => `{"k${at}":1}`)],
    ['elements', list(() => '1')],
    ['empty lists', list(() => '[]')],
    ['empty objects', list(() => '{}')],
    ['short texts', list((at) => `"s${at}"`)],
    ['long numbers', list((at) => `12345678901234567890${at}`)],
    ['exponents', list((at) => `1e${at % 300}`)],
    ['one number', `{"number":${'9'.repeat(size)}}`],
    ['one name', `{"${text('k')}":1}`],
    ['long names', object((at) => `"${'k'.repeat(10_000)}${at}":1`)],
    ['beginnings of a token', `{"text":"${text('-eyJAIza')}"}`],
    ['escapes', `{"text":"${text('\\n\\"\\u0041\\\\')}"}`],
    ['invisible characters', `{"text":"${'\u200b\u202e'.repeat(size / 6)}"}`],
    ['lines', `{"text":"${text('\\n')}"}`],
    ['a key block without an end', `{"text":"${text('-----BEGIN PRIVATE KEY-----')}"}`],
    ['assignments', `{"text":"${text('password=x;')}"}`],
    ['digits of cards', `{"text":"${text('4111 1111 1111 1111 ')}"}`],
  ];
}
