/** How the rooms read text: what is formatted, what becomes a link or a mention, and what never does. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseDiscord } from '../../../../src/sandbox/page/client/discord/markdown.ts';
import { parseMrkdwn, parsePlain } from '../../../../src/sandbox/page/client/slack/mrkdwn.ts';
import { discordTime, slackDate } from '../../../../src/sandbox/page/client/text/dates.ts';
import type { Inline } from '../../../../src/sandbox/page/client/text/inline.ts';

/** Short forms for the expectations. */
const bold = (...children: Inline[]): Inline => ({ kind: 'bold', children });
const italic = (...children: Inline[]): Inline => ({ kind: 'italic', children });
const quote = (...children: Inline[]): Inline => ({ kind: 'quote', children });
const code = (text: string): Inline => ({ kind: 'code', text });
const pre = (text: string): Inline => ({ kind: 'pre', text });
const link = (href: string, shown = href): Inline => ({ kind: 'link', href, children: [shown] });
const broken: Inline = { kind: 'break' };

describe('Slack mrkdwn', () => {
  const cases: [string, Inline[]][] = [
    ['a *b _c_* ~d~', ['a ', bold('b ', italic('c')), ' ', { kind: 'strike', children: ['d'] }]],
    ['2*3*4 snake_case_name', ['2*3*4 snake_case_name']],
    ['`a *b* <c>`', [code('a *b* <c>')]],
    ['x\n```\n*a*\n&lt;b&gt;\n```\ny', ['x', broken, pre('*a*\n<b>'), 'y']],
    ['&gt; one\n> two\nthree', [quote('one', broken, 'two'), 'three']],
    ['<https://a.example/?x=1&amp;y=2|here>', [link('https://a.example/?x=1&y=2', 'here')]],
    ['see https://a.example.', ['see ', link('https://a.example'), '.']],
    ['<@U1> <#C1|name> <!here>', mentions(['user', 'U1'], ['channel', 'C1'], ['everyone', 'here'])],
    [':white_check_mark: :not_an_emoji:', ['✅ :not_an_emoji:']],
    // What the bot escaped stays text, whatever it would be without the escaping.
    ['&lt;!here&gt; &lt;https://evil.example|good&gt;', ['<!here> <https://evil.example|good>'].flatMap(evilLinked)],
    ['&amp;lt;!here&amp;gt;', ['&lt;!here&gt;']],
    ['<javascript:alert(1)|x>', ['<javascript:alert(1)|x>']],
    ['<script>alert(1)</script>', ['<script>', 'alert(1)', '</script>']],
  ];
  for (const [text, expected] of cases) {
    test(JSON.stringify(text), () => assert.deepEqual(joined(parseMrkdwn(text)), joined(expected)));
  }

  test('verbatim text has no links of its own', () => {
    assert.deepEqual(parseMrkdwn('see https://a.example', false), ['see https://a.example']);
  });

  test('plain text has emoji, if they are on, and nothing else', () => {
    assert.deepEqual(parsePlain('*a* :x:\n<!here>'), ['*a* ❌', broken, '<!here>']);
    assert.deepEqual(parsePlain(':x:', false), [':x:']);
  });

  test('dates keep their pattern and their fallback', () => {
    const expected = { kind: 'slack-date', seconds: 1790000000, format: '{time}', fallback: '10:00', href: null };
    assert.deepEqual(parseMrkdwn('<!date^1790000000^{time}|10:00>'), [expected]);
  });
});

describe('Discord markdown', () => {
  const cases: [string, Inline[]][] = [
    ['**b** *i* _i_ ~~s~~', [bold('b'), ' ', italic('i'), ' ', italic('i'), ' ', { kind: 'strike', children: ['s'] }]],
    ['__u__ ||p||', [{ kind: 'underline', children: ['u'] }, ' ', { kind: 'spoiler', children: ['p'] }]],
    ['\\*\\*not\\*\\* \\`a\\`', ['**not** `a`']],
    ['snake_case_name', ['snake_case_name']],
    ['`` a`b `` `c`', [code(' a`b '), ' ', code('c')]],
    ['x\n```json\n{"a": 1}\n```\ny', ['x', broken, pre('{"a": 1}'), 'y']],
    ['> one\n> two\nthree', [quote('one', broken, 'two'), 'three']],
    ['-# small', [{ kind: 'subtext', children: ['small'] }]],
    ['[here](https://a.example)', [link('https://a.example', 'here')]],
    ['[x](javascript:alert(1))', ['[x](javascript:alert(1))']],
    ['<t:1790000000:R>', [{ kind: 'discord-time', seconds: 1790000000, style: 'R' }]],
    ['<@1> <#2> @everyone', mentions(['user', '1'], ['channel', '2'], ['everyone', 'everyone'])],
    ['<script>alert(1)</script>', ['<script>alert(1)</script>']],
    ['&lt;b&gt;', ['&lt;b&gt;']],
  ];
  for (const [text, expected] of cases) {
    test(JSON.stringify(text), () => assert.deepEqual(joined(parseDiscord(text)), joined(expected)));
  }
});

test('hostile repetitions are read in good time', () => {
  const start = performance.now();
  for (const piece of ['*', '_', '`', '||', '[', '<', '\\', '**a', '```', '> ']) {
    parseMrkdwn(piece.repeat(3_000));
    parseDiscord(piece.repeat(3_000));
  }
  const took = performance.now() - start;
  assert.ok(took < 5_000, `took ${took} ms`);
});

describe('times', () => {
  const now = Date.UTC(2026, 8, 1, 12);
  test('relative', () => {
    assert.equal(discordTime(now / 1000 + 290, 'R', now), 'in 4 minutes');
    assert.equal(discordTime(now / 1000 - 7_300, 'R', now), '2 hours ago');
  });
  test('Slack fills the places that it knows', () => {
    assert.equal(slackDate(now / 1000, '{date_num} {date_short_pretty} {what}', now), '2026-09-01 today {what}');
  });
});

function mentions(...of: ['user' | 'channel' | 'everyone', string][]): Inline[] {
  return of.flatMap(([kind, id], index): Inline[] => [...(index > 0 ? [' '] : []), { kind: 'mention', of: kind, id }]);
}

/** A bare address inside of escaped text is linked, as in Slack; nothing else of it is. */
function evilLinked(text: string): Inline[] {
  const [head = '', rest = ''] = text.split('https://evil.example');
  return [head, link('https://evil.example'), rest];
}

/** Strings in a row are one: how they were cut does not show. */
function joined(nodes: Inline[]): Inline[] {
  const result: Inline[] = [];
  for (const node of nodes) {
    const last = result.at(-1);
    if (typeof node === 'string' && typeof last === 'string') result[result.length - 1] = last + node;
    else
      result.push(typeof node === 'object' && 'children' in node ? { ...node, children: joined(node.children) } : node);
  }
  return result;
}
