/** Each remedy can still be taken away, the page names each, and what takes them away works itself. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { applied, SOURCE } from '../support/mutate.ts';
import { run, verdictOf } from './run.ts';
import { remedies } from './table/list.ts';
import { rowNumbers, tables } from './tables.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(`${root}docs/reliability.md`, 'utf8');
const list = Object.entries(remedies);

test('every remedy still fits the source, a program comes of it, and its test is there', () => {
  // Node says once that it calls its own stripping of types experimental; it is what runs all of this.
  const texts = new Map<string, string>();
  for (const [name, remedy] of list) {
    texts.clear();
    for (const edit of remedy.edits) {
      const text = texts.get(edit.file) ?? readFileSync(`${SOURCE}${edit.file}`, 'utf8');
      const put = applied(text, edit, name);
      assert.notEqual(put, text, `${name} changes ${edit.file}`);
      assert.doesNotThrow(() => stripTypeScriptTypes(put), `${name} in ${edit.file}`);
      texts.set(edit.file, put);
    }
    assert.ok(existsSync(`${root}test/${remedy.test}.test.ts`), `test/${remedy.test}.test.ts of ${name}`);
  }
});

describe('docs/reliability.md', () => {
  test('names the remedies of every row and of every trap', () => {
    const { rows, traps } = tables();
    assert.ok(page.includes(rows), `its table of remedies is not this one:\n${rows}`);
    assert.ok(page.includes(traps), `its table of traps is not this one:\n${traps}`);
  });

  test('has no row, and no trap, without a remedy', () => {
    const [faults = ''] = page.split('## What it rests on');
    const wanted = [...faults.matchAll(/^\| ([\d, ]+) \|/gm)].flatMap(([, numbers = '']) => numbers.split(', '));
    assert.ok(wanted.length > 30);
    assert.deepEqual(
      wanted.map(Number).filter((row) => !rowNumbers.includes(row)),
      [],
    );
    assert.doesNotMatch(tables().traps, /\| +\|/);
  });
});

describe('a remedy that is taken away', { concurrency: 2 }, () => {
  const taken = (name: string, more = {}) => ({ ...(remedies[name] ?? assert.fail(name)), ...more });

  test('is missed by its test, also in a process that this one starts', async () => {
    for (const name of ['pause-stream-knows-best', 'database-lock']) {
      const remedy = taken(name);
      const verdict = verdictOf(await run(remedy.test, [remedy.title], name), remedy);
      assert.ok(verdict.missed, verdict.words);
    }
  });

  test('counts only where a test fails: not where all pass, where there is none, or where no program comes of it', async () => {
    const name = 'pause-stream-knows-best';
    const remedy = taken(name);
    const whole = verdictOf(await run(remedy.test, [remedy.title], null), remedy);
    assert.deepEqual(whole, { missed: false, words: 'NOT MISSED: 1 passed' });
    const none = verdictOf(await run(remedy.test, ['no test is called so'], name), remedy);
    assert.match(none.words, /^BROKEN: no test ended/);
    const failed = { result: 'failed', title: 't', error: 'ReferenceError', words: 'x is not defined' } as const;
    const broken = { passed: [], skipped: [], failed, broken: null, hung: false, ms: 0 };
    assert.match(verdictOf(broken, remedy).words, /^BROKEN: ReferenceError/);
    const hung = { ...broken, failed: null, hung: true };
    assert.deepEqual(
      [verdictOf(hung, remedy).missed, verdictOf(hung, taken(name, { hangs: true })).missed],
      [false, true],
    );
  });
});
