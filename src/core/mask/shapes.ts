/**
 * Tokens that are secrets by their shape, wherever they are. Every check takes linear time on any text: a start is
 * looked for once, and what follows it is read once. Tested in test/core/mask/shapes.test.ts.
 */
import { endsInRest, type Span } from './mask.ts';
import { isWordy, looksSecret, matchEnd } from './token.ts';

/** What follows the start of a token. A body of words is not a secret: `xoxb-delete-all-customers`. */
const bodies: readonly [starts: string, body: RegExp][] = [
  ['AKIA ASIA', /[A-Z\d]{16}(?![A-Z\d])/y],
  ['ghp_ gho_ ghu_ ghs_ ghr_', /[A-Za-z\d]{20,}/y],
  ['github_pat_', /\w{20,}/y],
  ['glpat- gldt- glrt- glsoat-', /[\w.-]{16,}/y],
  ['npm_ hf_ shpat_ shpca_ shppa_ shpss_ dop_v1_ r8_ gsk_ figd_ nfp_', /[A-Za-z\d]{20,}/y],
  ['xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs- xapp-', /[A-Za-z\d-]{16,}/y],
  ['whsec_', /[A-Za-z\d+/]{12,}={0,2}/y],
  ['AIza', /[\w-]{30,}/y],
  ['GOCSPX- pypi- PMAK- xai- dckr_pat_ lin_api_ sq0atp- sq0csp- AGE-SECRET-KEY-1 ATATT3x hvs. ya29.', /[\w.-]{20,}/y],
  ['SG.', /[\w-]{16,}\.[\w-]{16,}/y],
  ['hooks.slack.com/services/ hooks.slack.com/workflows/ hooks.slack.com/triggers/', /[\w/-]{20,}/y],
  ['discord.com/api/webhooks/ discordapp.com/api/webhooks/', /\d+\/[\w-]{20,}/y],
];
/** These begin like ordinary names, too: only a random body is a secret. */
const common = 'sk_ sk- pk_ pk- rk_ rk- rt_ rt- tv_ tv- ct_ ct-';
const commonBody = /(?:(?:live|test|proj|ant|svcacct|admin|api\d\d)[_-]){0,3}([\w-]{12,})/y;

const bodyOf = new Map([
  ...bodies.flatMap(([starts, body]) => starts.split(' ').map((start) => [start, body] as const)),
  ...common.split(' ').map((start) => [start, commonBody] as const),
]);
/** Addresses: their host stays in sight. */
const isAddress = (start: string) => start.includes('.com/');
const JWT = 'eyJ';
const escaped = [...bodyOf.keys(), JWT].map((start) => start.replace(/[.]/g, '\\$&'));
const starts = new RegExp(escaped.join('|'), 'g');
const inWord = /[A-Za-z\d]/;
const commonStarts = new Set(common.split(' '));

export function shapesIn(text: string): Span[] {
  const spans: Span[] = [];
  const add = (start: number, end: number) => spans.push({ start, end, kind: 'shape', key: '' });
  starts.lastIndex = 0;
  for (let match = starts.exec(text); match !== null; match = starts.exec(text)) {
    if (endsInRest(spans, text, match.index)) return spans;
    const [start] = match;
    if (match.index > 0 && inWord.test(text.charAt(match.index - 1))) continue;
    const from = match.index + start.length;
    const { end, isSecret } = start === JWT ? jwtAt(text, from) : bodyAt(text, start, from);
    if (isSecret) add(isAddress(start) ? from : match.index, end);
    starts.lastIndex = end;
  }
  for (const [mark, pattern] of [
    ['.', botTokens],
    [':AA', telegramTokens],
  ] as const) {
    if (!text.includes(mark)) continue;
    for (const { index, 0: found } of text.matchAll(pattern)) add(index, index + found.length);
  }
  return spans;
}

const botTokens = /(?<![\w-])[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,45}(?![\w-])/g;
const telegramTokens = /(?<!\d)\d{8,10}:AA[\w-]{33}(?![\w-])/g;

/** What follows the start of a token. Another one is looked for behind its end only, so that it is read once. */
interface Body {
  end: number;
  isSecret: boolean;
}

function bodyAt(text: string, start: string, from: number): Body {
  const body = bodyOf.get(start) ?? commonBody;
  body.lastIndex = from;
  const found = body.exec(text);
  if (found === null) return { end: from, isSecret: false };
  const [all, rest = all] = found;
  const isSecret = commonStarts.has(start) ? isCommonSecret(rest) : !isWordy(rest);
  return { end: from + all.length, isSecret };
}

function isCommonSecret(body: string): boolean {
  return looksSecret(body) || (/^[A-Za-z\d]{16,}$/.test(body) && !isWordy(body));
}

const run = /[\w-]+/y;
const PART_MIN = 8;

/** Header, payload and signature, or the five parts of an encrypted one. Of anything else the first part is skipped. */
function jwtAt(text: string, from: number): Body {
  const endOfRun = (start: number) => matchEnd(text, start, run) ?? start;
  const header = endOfRun(from);
  const payload = text[header] === '.' ? endOfRun(header + 1) : header;
  if (header - from < PART_MIN || payload - header <= PART_MIN || text[payload] !== '.') {
    return { end: header, isSecret: false };
  }
  let end = endOfRun(payload + 1);
  for (let parts = 3; parts < 5 && text[end] === '.'; parts += 1) end = endOfRun(end + 1);
  return { end, isSecret: true };
}
