/** `npm run policy -- replay` over a database with a history of 1,000 requests. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replay } from '../../../src/cli/policy/replay.ts';
import { SetupError } from '../../../src/core/ports/errors.ts';
import { approvalOf, newPolicy, oracle, seedsOf } from '../../core/policy/replay/history.ts';
import { inFolder } from './support.ts';

const LIMIT_MS = 5_000;
const DAY_MS = 86_400_000;

test('1,000 requests give what the oracle gives, in under 5 s', () =>
  inFolder(async ({ write, store, run }) => {
    const seeds = seedsOf(1_000);
    const from = Date.now() - 20 * DAY_MS;
    const old = { ...approvalOf(seeds[0] ?? assert.fail(), from - 20 * DAY_MS), id: 'older than 30 days' };
    await store([...seeds.map((one, index) => approvalOf(one, from + index)), old]);
    const file = write('new.yml', newPolicy);
    const begun = performance.now();
    const { code, out } = await run(replay, file, '--json');
    assert.ok(performance.now() - begun < LIMIT_MS, `${performance.now() - begun} ms`);
    assert.equal(code, 0);
    const { requests, groups } = JSON.parse(out) as {
      requests: number;
      groups: { what: string; requests: string[] }[];
    };
    assert.equal(requests, 1_000);
    assert.deepEqual(Object.fromEntries(groups.map(({ what, requests: ids }) => [what, ids])), oracle(seeds));
    const { out: text } = await run(replay, file, '--since', '30d');
    assert.match(
      text,
      /^1,000 requests: \d+ that were rejected would have passed without a person, |^1,000 requests: /,
    );
    const named = text.split('\n').filter((line) => / {2}ap-\d+$/.test(line));
    assert.equal(named.length, Object.values(oracle(seeds)).flat().length);
  }));

test('a file with errors is not replayed: they are printed', () =>
  inFolder(async ({ write, run }) => {
    const { code, wrong } = await run(replay, write('new.yml', 'version: 2\n'));
    assert.equal(code, 1);
    assert.match(wrong, /new\.yml:1:10: /);
  }));

test('a time that is none, and a database that is not there, say what to write', () =>
  inFolder(async ({ write, run }) => {
    const file = write('new.yml', newPolicy);
    await assert.rejects(run(replay, file, '--since', 'a month'), /Write 30d or 12h/);
    await assert.rejects(run(replay, file), SetupError);
    await assert.rejects(run(replay), /Name one policy file/);
  }));
