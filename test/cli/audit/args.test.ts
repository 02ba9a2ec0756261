import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readArgs, UsageError } from '../../../src/cli/audit/args.ts';

const NOW = Date.UTC(2026, 6, 20, 12);
const read = (...args: string[]) => readArgs(args, NOW);

describe('the arguments of audit', () => {
  test('are words and filters', () => {
    const args = read('refund', 'A-1009', '--person', 'dana', '--kind', 'decision', '--kind', 'read', '--zone', 'UTC');
    assert.deepEqual(args, {
      filter: { text: 'refund A-1009', person: 'dana', kinds: ['decision', 'read'] },
      limit: 50,
      zone: 'UTC',
      json: false,
      isStory: false,
    });
    assert.equal(read('--help'), null);
    assert.deepEqual([read('--limit', '7')?.limit, read('--all')?.limit], [7, Number.POSITIVE_INFINITY]);
  });

  test('tell a story where only an approval is named', () => {
    assert.equal(read('--approval', 'ap1')?.isStory, true);
    assert.equal(read('--approval', 'ap1', '--zone', 'UTC')?.isStory, true);
    for (const more of [['word'], ['--json'], ['--all'], ['--person', 'dana']])
      assert.equal(read('--approval', 'ap1', ...more)?.isStory, false, more.join(' '));
  });

  test('have times of a zone, with a zone, and ago', () => {
    const from = (text: string, zone = 'UTC') => read('--from', text, '--zone', zone)?.filter.from;
    assert.equal(from('24h'), NOW - 86_400_000);
    assert.equal(from('2026-07-01'), Date.UTC(2026, 6, 1));
    assert.equal(from('2026-07-01', 'Europe/Berlin'), Date.UTC(2026, 5, 30, 22));
    assert.equal(from('2026-07-01 08:30', 'Europe/Berlin'), Date.UTC(2026, 6, 1, 6, 30));
    assert.equal(from('2026-07-01T08:30:00+05:30', 'Europe/Berlin'), Date.UTC(2026, 6, 1, 3));
  });

  test('that are wrong say what to write', () => {
    const cases: [string[], RegExp][] = [
      [['--kind', 'decisions'], /write one of request, decision,/],
      [['--from', 'yesterday'], /--from yesterday: write 2026-12-01/],
      [['--to', '2026-13-01'], /--to 2026-13-01/],
      [['--from', '1h', '--to', '2h'], /--from must be before --to/],
      [['--limit', '0'], /--limit must be a whole number/],
      [['--zone', 'Berlin'], /write a name such as Europe\/Berlin/],
      [['--persn', 'x'], /Usage: /],
    ];
    for (const [args, message] of cases) {
      assert.throws(
        () => read(...args),
        (error) => error instanceof UsageError && message.test(error.message),
        args.join(' '),
      );
    }
  });
});
