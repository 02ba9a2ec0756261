import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { AuditRow } from '../../../../src/core/approval/audit.ts';
import { detailsText, pagesOf } from '../../../../src/core/view/details/pages.ts';
import { type Details, detailsOf, type Section } from '../../../../src/core/view/details/sections.ts';
import { spanText } from '../../../../src/core/view/line-text.ts';
import { withNames } from '../../../../src/core/view/people.ts';
import { after, announced, dana, pauseOf, pressed, sam, started } from '../../../support/data/pauses.ts';
import { runs } from '../../../support/property.ts';

const row = (input: string, more: Partial<AuditRow> = {}): AuditRow => ({
  at: 1_000,
  approvalId: 'ap1',
  input,
  actor: null,
  facts: {},
  from: 'open',
  to: 'open',
  ignored: null,
  ...more,
});

function told(rows: readonly AuditRow[]): string[] {
  const { sections } = detailsOf(after(announced()), rows, 'Runtype');
  const history = sections.find(({ label }) => label === 'History');
  assert.ok(history?.kind === 'lines');
  return history.lines.map((line) =>
    withNames(line)
      .filter((span) => typeof span === 'string')
      .join(''),
  );
}

function textOf(section: Section): string {
  if (section.kind === 'masks') return section.masks.map(({ text }) => text).join('\n');
  return section.kind === 'lines' ? section.lines.map((line) => line.map(spanText).join('')).join('\n') : section.text;
}

describe('the reference', () => {
  const reference = (more: Parameters<typeof pauseOf>[0], backend = 'Sonzai') => {
    const { sections } = detailsOf(after(announced({ pause: pauseOf(more) })), [], backend);
    return textOf(sections.find(({ label }) => label === 'Reference') ?? assert.fail('there is none'));
  };

  test('has the IDs of who asks and of the contact, and where the answer goes', () => {
    const text = reference({
      askerId: 'agt_9',
      contact: { name: 'Bo Li', id: 'usr_77' },
      address: { callback: 'https://host.example/answers/7' },
    });
    assert.match(text, /^Requester ID agt_9$/m);
    assert.match(text, /^Contact “Bo Li”, ID usr_77$/m);
    assert.match(text, /^The answer goes to https:\/\/host\.example\/answers\/7$/m);
    assert.doesNotMatch(reference({}), /Requester ID|Contact|answer goes/);
  });

  test('tells the ID of an asker of our own inbox from ours', () => {
    const idsOf = (backend: string) => reference({ key: 'apr_7' }, backend).match(/^.* ID .*$/gm);
    assert.deepEqual(idsOf('Sonzai'), ['Sonzai ID apr_7', 'Countersign ID ap1']);
    assert.deepEqual(idsOf('Countersign'), ['Asker’s ID apr_7', 'Countersign ID ap1']);
  });

  test('quotes a name that reads like one of its lines', () => {
    const text = reference({ contact: { name: 'Bo”, ID usr_1\nDeadline', id: '' } });
    assert.match(text, /^Contact “Bo", ID usr_1 ?.*Deadline”, without an ID$/m);
  });
});

describe('details', () => {
  test('tell the whole story, refusals and the backend’s answers included', () => {
    assert.deepEqual(
      told([
        row('announced', { facts: { digest: 'd1' } }),
        row('posted', { facts: { receipt: { platform: 'slack', room: 'C1', message: '1.1' } } }),
        row('announced', { facts: { digest: 'd1' }, ignored: 'known' }),
        // Rows of earlier versions call the fingerprint a digest.
        row('announced', { facts: { fingerprint: 'd1' } }),
        row('announced', { facts: { fingerprint: 'd2' } }),
        row('announced', { facts: { fingerprint: 'd2' } }),
        row('pressed', { actor: sam, facts: { action: 'approve' }, ignored: 'not_allowed' }),
        row('pressed', { actor: dana, facts: { action: 'reject', text: 'No receipt, password: hunter22' } }),
        row('sending'),
        row('announced', { facts: { fingerprint: 'd3', beforeSending: true } }),
        row('sending'),
        row('sent', { facts: { result: 'unsent', words: 'connection refused' } }),
        row('sent', { facts: { result: 'recorded' } }),
        row('continued', { facts: { continuation: 'completed' } }),
      ]).map((line) => line.replace(/^ · /, '')),
      [
        'Received from Runtype.',
        'Posted in Slack.',
        'Runtype changed the request.',
        'Sam Okafor (Discord) pressed Approve (refused: not a reviewer).',
        'Dana Reyes (Slack) pressed Reject. “No receipt, password: •••••• 8 characters”',
        'Sending the decision to Runtype.',
        'Runtype had changed the request, so the decision was not sent.',
        'Sending the decision to Runtype.',
        'It did not reach Runtype. connection refused.',
        'Runtype recorded it.',
        'The run finished.',
      ],
    );
  });

  test('name people as they were looked up later, and who decided by their ID as well', () => {
    const handle = { ...dana, name: 'dana.reyes' };
    const lines = told([
      row('pressed', { actor: handle, facts: { action: 'approve' } }),
      row('named', { facts: { platform: 'slack', id: dana.id, name: 'Dana Reyes' } }),
      row('pressed', { actor: { ...handle, platform: 'discord' }, facts: { action: 'reject' }, ignored: 'held' }),
    ]).map((line) => line.replace(/^ · /, ''));
    assert.deepEqual(lines, [
      'Dana Reyes (Slack) pressed Approve.',
      'dana.reyes (Discord) pressed Reject (refused: claimed by someone else).',
    ]);
    const sections = detailsOf(after(announced(), pressed({ actor: dana })), [], 'Runtype').sections;
    assert.match(sections.map(textOf).join('\n'), /\nPressed by Dana Reyes, Slack ID U0DANA\n/);
  });

  test('show every parameter, masked as on the card, and say how many are masked or hidden', () => {
    const parameters = { note: 'x'.repeat(9_000), apiKey: 'sk_live_4f9a8b7c6d5e4f3a', cost: 3 };
    const state = after(announced({ pause: pauseOf({ parameters, hidden: ['cost'] }) }));
    const section = detailsOf(state, [], 'Runtype').sections.find(({ kind }) => kind === 'code');
    assert.equal(section?.label, 'Parameters (1 masked, 1 hidden by the backend)');
    assert.ok(section?.kind === 'code' && section.text.includes('x'.repeat(9_000)));
    assert.doesNotMatch(section.text, /sk_live|cost/);
  });

  test('of a run tell who started it, in which words, and each turn', () => {
    const lines = told([
      row('started', { actor: dana, facts: { run: 'refunds', text: 'Mara’s lamp' } }),
      row('sending'),
      row('renamed', { facts: { runId: 'exec_7' } }),
      row('continued', { facts: { continuation: 'paused' } }),
      row('continued', { facts: { continuation: 'following' } }),
    ]);
    assert.deepEqual(
      lines.map((line) => line.replace(/^ · /, '')),
      [
        'Dana Reyes (Slack) requested the start. “Mara’s lamp”',
        'Sending the start to Runtype.',
        'Runtype run ID: exec_7.',
        'The run paused.',
        'The run continues.',
      ],
    );
    const state = after(started(), { type: 'renamed', runId: 'exec_7' });
    const sections = detailsOf(state, [], 'Runtype').sections.map(textOf).join('\n');
    assert.match(sections, /Mara wants her money back/);
    assert.match(sections, /Requested by Dana Reyes, .*\nName refunds\nRun exec_7\n/);
  });

  test('a press with a form shows what was written', () => {
    const state = after(announced(), pressed({ action: 'reject', text: 'Ask for the receipt' }));
    const written = detailsOf(state, [], 'Runtype').sections.find(({ label }) => label === 'Reviewer’s note');
    assert.equal(written?.kind === 'text' && written.text, 'Ask for the receipt');
  });
});

const anyText = fc.string({ unit: fc.constantFrom('a', 'é', '\n', '😀', '`', '*', ' '), maxLength: 4_000 });
const anySection: fc.Arbitrary<Section> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('code' as const, 'text' as const),
    label: fc.constant('Parameters'),
    text: anyText,
  }),
  fc.record({
    kind: fc.constant('lines' as const),
    label: fc.constant('History'),
    lines: fc.array(fc.tuple(fc.string({ maxLength: 90 })), { maxLength: 40 }),
  }),
);

test('pages leave nothing out, keep characters whole, and none has more than its room', () => {
  fc.assert(
    fc.property(fc.array(anySection, { maxLength: 5 }), fc.integer({ min: 300, max: 3_000 }), (sections, room) => {
      const details: Details = { title: 'T', sections };
      const pages = pagesOf(details, room);
      const joined = (parts: readonly Section[], end: string) =>
        parts.map((part) => textOf(part) + (part.kind === 'lines' ? end : '')).join('');
      const flat = (text: string) => text.replace(/\n/g, '');
      assert.equal(flat(joined(pages.flat(), '\n')), flat(joined(sections, '\n')));
      for (const page of pages) {
        const length = page.reduce((sum, part) => sum + textOf(part).length, 0);
        assert.ok(length <= room, `${length} > ${room}`);
        for (const part of page) assert.ok(textOf(part).isWellFormed());
      }
      assert.ok(detailsText(details).startsWith('T\n'));
    }),
    { numRuns: runs(300) },
  );
});
