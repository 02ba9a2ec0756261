/** Each mutation still applies, `docs/reliability.md` names each, and the rig that applies them works. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { applied, moduleOf } from '../support/mutate.ts';
import { run, verdictOf } from './run.ts';
import { mutations } from './table/list.ts';
import { rowNumbers, tables } from './tables.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(`${root}docs/reliability.md`, 'utf8');

test('every mutation still applies, yields a valid program, and its test exists', () => {
  const problems: string[] = [];
  for (const [name, mutation] of Object.entries(mutations)) {
    const texts = new Map<string, string>();
    for (const edit of mutation.edits) {
      try {
        const file = moduleOf(edit.in);
        const text = texts.get(file) ?? readFileSync(file, 'utf8');
        const mutated = applied(text, edit, name);
        assert.notEqual(mutated, text, `${name} changes nothing in the module of ${edit.in}`);
        stripTypeScriptTypes(mutated);
        texts.set(file, mutated);
      } catch (thrown) {
        problems.push(`${name}: ${(thrown as Error).message}`);
      }
    }
    if (!existsSync(`${root}test/${mutation.test}.test.ts`)) problems.push(`${name}: no test/${mutation.test}.test.ts`);
  }
  assert.deepEqual(problems, []);
});

test('an edit names exactly one module', () => {
  assert.match(moduleOf('createSqliteStore'), /store\/sqlite\/index\.ts$/);
  assert.throws(() => moduleOf('noSuchExport'), /0 modules export noSuchExport/);
});

describe('docs/reliability.md', () => {
  test('names the mutations of every row and of every trap', () => {
    const { rows, traps } = tables();
    assert.ok(page.includes(rows), `its table of mutations must be:\n${rows}`);
    assert.ok(page.includes(traps), `its table of traps must be:\n${traps}`);
  });

  test('has no row, and no trap, without a mutation', () => {
    const [faults = ''] = page.split('## Mutation tests');
    const wanted = [...faults.matchAll(/^\| ([\d, ]+) \|/gm)].flatMap(([, numbers = '']) => numbers.split(', '));
    assert.ok(wanted.length > 30);
    assert.deepEqual(
      wanted.map(Number).filter((row) => !rowNumbers.includes(row)),
      [],
    );
    assert.doesNotMatch(tables().traps, /\| +\|/);
  });

  test('has no mutation that covers neither a row nor a trap', () => {
    const covered = ({ rows = [], traps = [] }: { rows?: readonly number[]; traps?: readonly number[] }) =>
      rows.length + traps.length > 0;
    const others = Object.entries(mutations).filter(([, mutation]) => !covered(mutation));
    assert.deepEqual(others, []);
  });
});

describe('a mutation', { concurrency: 2 }, () => {
  const mutationOf = (name: string, more = {}) => ({ ...(mutations[name] ?? assert.fail(name)), ...more });

  test('is killed by its test, also in a process that the test starts', async () => {
    for (const name of ['pause-stream-knows-best', 'database-lock']) {
      const mutation = mutationOf(name);
      const verdict = verdictOf(await run(mutation.test, [mutation.title], name), mutation);
      assert.ok(verdict.killed, verdict.message);
    }
  });

  test('is killed only by a failing test: not where all pass, none exists, or the program is not valid', async () => {
    const name = 'pause-stream-knows-best';
    const mutation = mutationOf(name);
    const unchanged = verdictOf(await run(mutation.test, [mutation.title], null), mutation);
    assert.deepEqual(unchanged, { killed: false, message: 'SURVIVED: 1 passed' });
    const none = verdictOf(await run(mutation.test, ['no test has this title'], name), mutation);
    assert.match(none.message, /^BROKEN: no test ran/);
    const failed = { result: 'failed', title: 't', error: 'ReferenceError', message: 'x is not defined' } as const;
    const broken = { passed: [], skipped: [], failed, broken: null, hung: false, ms: 0 };
    assert.match(verdictOf(broken, mutation).message, /^BROKEN: ReferenceError/);
    const hung = { ...broken, failed: null, hung: true };
    assert.deepEqual(
      [verdictOf(hung, mutation).killed, verdictOf(hung, mutationOf(name, { hangs: true })).killed],
      [false, true],
    );
  });
});
