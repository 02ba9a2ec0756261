/** Each recipe of docs/policy-cookbook.md, as a reader would run it: the file, its cases, and what is said of a request. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test as it } from 'node:test';
import { backendNames, ids } from '../../src/adapters.ts';
import { test as testCases } from '../../src/cli/policy/cases.ts';
import { explain } from '../../src/cli/policy/explain.ts';
import { createRedactor } from '../../src/core/approval/pause/redact.ts';
import { tally } from '../../src/core/approval/steps/signing/tally.ts';
import { countText, missingText } from '../../src/core/view/cards/signing/tally-text.ts';
import { linearPattern } from '../../src/policy/linear-pattern.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { problemLine } from '../../src/policy/problems.ts';
import { inFolder } from '../cli/policy/support.ts';
import { documentOfText } from '../support/data/example-policies.ts';
import { pauseOf } from '../support/data/pauses.ts';

const page = readFileSync(new URL('../../docs/policy-cookbook.md', import.meta.url), 'utf8');

interface Recipe {
  name: string;
  file: string;
  cases: string;
  /** A request, and lines of what is said of it. */
  explained: { request: string; lines: string[] } | null;
}

const recipes: Recipe[] = page
  .split(/^## /m)
  .slice(1)
  .flatMap((section) => {
    const blocks = (language: string) =>
      [...section.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, text = '']) => text);
    const [file, cases, ...more] = blocks('yaml');
    if (file === undefined) return [];
    const name = section.split('\n')[0] ?? '';
    assert.ok(cases !== undefined && more.length === 0, `${name} has a file and its cases`);
    const [request] = blocks('json');
    const lines = blocks('text').flatMap((text) => text.trimEnd().split('\n'));
    assert.equal(request !== undefined, lines.length > 0, `${name}: what is said of its request`);
    return [{ name, file, cases, explained: request === undefined ? null : { request, lines } }];
  });
const recipe = (name: string) => recipes.find((one) => one.name === name) ?? assert.fail(`no recipe ${name}`);

it('there are thirteen recipes, and the table at the top leads to each', () => {
  assert.equal(recipes.length, 13);
  const [head = ''] = page.split(/^## /m);
  const anchors = [...head.matchAll(/\]\(#([\w-]+)\)/g)].map(([, anchor]) => anchor);
  assert.deepEqual(
    anchors,
    recipes.map(({ name }) => name.toLowerCase().replaceAll(' ', '-')),
  );
});

/** Their last rule takes all but what nobody may decide. */
const keepsOut = new Set(['Never out of hours']);

for (const { name, file, cases, explained } of recipes) {
  describe(name, () => {
    it('loads without a problem, and its last rule takes what may be left', () => {
      const environment = { source: name, ids, ...backendNames, platforms: ['slack', 'discord'] };
      const { document, problems, warnings } = loadPolicy(file, environment);
      assert.deepEqual(
        [...problems, ...warnings].map((one) => problemLine(name, one)),
        [],
      );
      const last = document?.rules.at(-1);
      assert.deepEqual([last?.match, last?.when !== null], [{}, keepsOut.has(name)]);
    });

    it('does what its cases say, and they name each of its rules', () =>
      inFolder(async ({ write, run }) => {
        const { code, out } = await run(testCases, write('cases.yml', cases), '--file', write('countersign.yml', file));
        assert.equal(code, 0, out);
        for (const rule of documentOfText(file).rules) assert.ok(cases.includes(`rule: ${rule.name}`), rule.name);
      }));

    if (explained !== null) {
      it('is explained as the page says', () =>
        inFolder(async ({ write, run }) => {
          const request = write('request.json', explained.request);
          const { out } = await run(explain, request, '--file', write('countersign.yml', file));
          const plain = out.replaceAll(/\S+\/countersign\.yml/g, 'countersign.yml').replaceAll(/ {2,}/g, ' ');
          for (const line of explained.lines) {
            assert.ok(plain.includes(line.replaceAll(/ {2,}/g, ' ')), `no “${line}” in:\n${out}`);
          }
        }));
    }
  });
}

it('two payers without finance wait for a third, of finance', () => {
  const [, refunds] = documentOfText(recipe('Two signatures').file).rules;
  const { count = 0, each = 0, by = [] } = refunds?.verbs.approve ?? {};
  const quorum = { by: by.map(({ text }) => text), also: [], count, each };
  const payer = (person: string) => ({ person, groups: ['payers'] });
  const finance = (person: string) => ({ person, groups: ['finance', 'payers'] });
  const said = tally(quorum, [payer('lee'), payer('ana')]);
  const text = `Signed: ${countText(said)}. It waits for ${missingText(said)}.`;
  assert.ok(page.includes(`*${text}*`), text);
  for (const signers of [
    [finance('mara'), finance('jon')],
    [finance('mara'), payer('ana')],
  ]) {
    assert.ok(tally(quorum, signers).isComplete);
  }
});

it('a digest begins with the third request', () => {
  assert.equal(documentOfText(recipe('A digest').file).digestFrom, 3);
});

it('a watcher gets what is dangerous directly', () => {
  const [dangerous, other] = documentOfText(recipe('Watchers').file).rules;
  assert.deepEqual(
    [dangerous, other].map((rule) => (rule?.direct ?? []).map(({ text }) => text)),
    [['eve'], []],
  );
});

it('what is masked is stored masked', () => {
  const { mask } = documentOfText(recipe('Masking').file);
  const redactor = createRedactor({ keys: mask.keys, patterns: mask.patterns.map(linearPattern) });
  const parameters = { diagnosis: 'flu', text: 'Dear PAT-123456', dateOfBirth: '1990-01-01', city: 'Bern' };
  assert.deepEqual(redactor.pause(pauseOf({ parameters })).parameters, {
    diagnosis: '••••••',
    text: 'Dear ••••••',
    dateOfBirth: '••••••',
    city: 'Bern',
  });
});
