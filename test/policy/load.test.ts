import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { backends, ids } from '../../src/adapters.ts';
import type { PolicyDocument } from '../../src/core/policy/rules/document.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { problemLine } from '../../src/policy/problems.ts';

const example = readFileSync(new URL('example.yml', import.meta.url), 'utf8');

function load(text: string): PolicyDocument {
  const { document, problems } = loadPolicy(text, {
    source: 'countersign.yml',
    ids,
    backends: backends.map(({ name }) => name),
  });
  if (document === null) assert.fail(problems.map((one) => problemLine('countersign.yml', one)).join('\n'));
  return document;
}

describe('the example', () => {
  const document = load(example);
  const rule = (name: string) => document.rules.find((one) => one.name === name) ?? assert.fail(name);

  test('has its people, groups and schedules', () => {
    assert.deepEqual(document.people.get('mara'), [
      { platform: 'slack', id: 'U0123ABCD' },
      { platform: 'discord', id: '2345678901' },
    ]);
    assert.deepEqual(document.groups.get('oncall'), [{ kind: 'schedule', name: 'primary', text: 'schedule:primary' }]);
    assert.deepEqual(document.schedules.get('payments'), { kind: 'pagerduty', id: 'PABC123', level: 1 });
  });

  test('has what calendars and on-call services call its people, apart from their accounts', () => {
    const more = '[slack:U0456EFGH, email:jon@example.com, pagerduty:PJON, "ical:On call: Jon*"]';
    const { people, contacts } = load(example.replace('[slack:U0456EFGH]', more));
    assert.deepEqual(people.get('jon'), [{ platform: 'slack', id: 'U0456EFGH' }]);
    assert.deepEqual(contacts?.get('jon'), [
      { platform: 'email', id: 'jon@example.com' },
      { platform: 'pagerduty', id: 'PJON' },
      { platform: 'ical', id: 'On call: Jon*' },
    ]);
    assert.throws(
      () => load(example.replace('[slack:U0456EFGH]', '[slack:U0456EFGH, email:jon]')),
      /email:mara@example\.com/,
    );
    assert.throws(
      () => load(example.replace('[slack:U0456EFGH]', '[slack:U0456EFGH, "ical:*"]')),
      /title of the events/,
    );
  });

  test('may have threads among its rooms', () => {
    const thread = 'slack:C0123/1712345678.000100';
    const [rule] = load(example.replace('money: [slack:C0123,', `money: [${thread},`)).rules;
    assert.deepEqual(rule?.rooms[0], { platform: 'slack', room: 'C0123/1712345678.000100' });
  });

  test('has times in ms and rooms as places', () => {
    const { rooms, expire, remind, escalate, quiet } = rule('refunds above 500');
    assert.deepEqual(rooms[0], { platform: 'slack', room: 'C0123' });
    assert.deepEqual(expire, { afterMs: 14_400_000, end: 'reject' });
    assert.deepEqual(remind, { afterMs: [600_000, 1_800_000], to: 'direct' });
    assert.equal(escalate[0]?.afterMs, 3_600_000);
    assert.deepEqual(quiet, { from: 1200, to: 420, zone: 'Europe/Berlin', exceptDangerous: true });
  });

  test('has what each verb takes; one that is not given is the same as approve', () => {
    const { approve, reject, take_over: takeOver } = rule('refunds above 500').verbs;
    assert.deepEqual(approve && { ...approve, by: approve.by.map(({ text }) => text) }, {
      by: ['finance', 'legal'],
      count: 2,
      each: 1,
      notRequester: true,
      confirm: true,
      note: 'optional',
      quick: [],
    });
    assert.equal(reject?.note, 'required');
    assert.deepEqual(reject?.quick, ['Wrong customer', 'Too expensive']);
    assert.equal(takeOver?.count, 2);
    const { reject: same } = rule('everything else').verbs;
    assert.deepEqual(
      same?.by.map(({ text }) => text),
      ['mara', 'jon'],
    );
    assert.equal(same?.note, 'carried');
  });

  test('has a condition that can be evaluated', () => {
    const facts = { pause: {}, novel: {}, now: 0, params: { amount: 501, currency: 'EUR' } };
    assert.deepEqual(rule('refunds above 500').when?.evaluate(facts), { type: 'fits' });
  });
});

test('a rejection takes one person where only approve is given', () => {
  const { rules } = load(`version: 1
people: { mara: [slack:U1], jon: [slack:U2] }
rules:
  - name: two
    rooms: [slack:C1]
    approve: { by: [mara, jon], count: 2, not: [requester], confirm: true }
`);
  assert.deepEqual(
    { ...rules[0]?.verbs.reject, by: [] },
    { by: [], count: 1, each: 0, notRequester: true, confirm: false, note: 'carried', quick: [] },
  );
});

test('the version is a hash of the text', () => {
  const { version } = load(example);
  assert.match(version, /^[0-9a-f]{12}$/);
  assert.notEqual(load(`${example}\n`).version, version);
});

test('the example of docs/policy.md is the one that is tested', () => {
  const docs = readFileSync(new URL('../../docs/policy.md', import.meta.url), 'utf8');
  assert.equal(/```yaml\n([\s\S]*?)```/.exec(docs)?.[1], example);
});
