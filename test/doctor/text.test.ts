import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { reportOf } from '../../src/doctor/report.ts';
import type { Examined } from '../../src/doctor/run.ts';
import { textOf } from '../../src/doctor/text.ts';

const about = { source: 'command', release: '1.2.3', at: '2026-11-30T09:00:00.000Z', durationMs: 12 } as const;
const textFor = (groups: Examined[], more: { source?: 'bot'; colours?: boolean } = {}) =>
  textOf(reportOf(groups, { ...about, ...(more.source && { source: more.source }) }), more.colours ?? false);
const fine: Examined = { title: 'Files', findings: [], fine: [{ check: 'f', title: 'all is' }], untold: [] };
const wrong: Examined = {
  title: 'Slack',
  findings: [
    { check: 'a', level: 'fault', what: 'It is gone.', remedy: 'Run: make it\nlike this', where: 'SLACK_CHANNEL' },
    { check: 'b', level: 'warning', what: 'PORT is odd.', remedy: 'Look.', where: 'PORT' },
  ],
  fine: [],
  untold: [{ check: 'c', what: 'It may be.', remedy: 'Open it.' }],
};

describe('the text of a report', () => {
  test('says first what is wrong, where and what to do, then what is fine, and ends with the counts', () => {
    assert.equal(
      textFor([fine, wrong]),
      [
        'Slack',
        '  ✗ fault   It is gone.',
        '            where: SLACK_CHANNEL',
        '            → Run: make it',
        '              like this',
        '  ! warning PORT is odd.',
        '            → Look.',
        '',
        'Checked and fine',
        '  ✓ Files: all is',
        '',
        'What only a person can see',
        '  ? Slack: It may be. Open it.',
        '',
        '1 fault and 1 warning. Looked from here: no bot that runs was asked.',
      ].join('\n'),
    );
  });

  test('keeps the indentation of lines that are copied into a file', () => {
    const remedy =
      'As lines of countersign.yml:\ngroups:\n  reviewers: [slack:U1]\nrules:\n  - name: all\n    rooms: \u001b[2J[cards]';
    const text = textFor([{ ...fine, findings: [{ check: 'a', level: 'fault', what: 'It is twice.', remedy }] }]);
    const indent = ' '.repeat(14);
    const copied = text.split('\n').flatMap((line) => (line.startsWith(indent) ? [line.slice(indent.length)] : []));
    assert.deepEqual(copied, [
      'groups:',
      '  reviewers: [slack:U1]',
      'rules:',
      '  - name: all',
      '    rooms: ⟨U+001B⟩[2J[cards]',
    ]);
  });

  test('says that all is well, and who looked', () => {
    const lines = textFor([fine], { source: 'bot' }).split('\n');
    assert.equal(lines[0], 'All is well');
    assert.equal(lines.at(-1), 'Nothing found. Asked the bot that runs (version 1.2.3).');
  });

  test('is the same with colours, but for these', () => {
    const coloured = textFor([fine, wrong], { colours: true });
    assert.ok(coloured.includes('\u001b['));
    assert.equal(stripVTControlCharacters(coloured), textFor([fine, wrong]));
  });

  test('lets no name of others control the terminal', () => {
    const what = 'The channel \u001b[2J\u202Ex\nAll is well.';
    const text = textFor([{ ...fine, findings: [{ check: 'a', level: 'fault', what, remedy: 'Look.' }] }]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what is looked for
    assert.doesNotMatch(text, /[\u001b\u202e]/);
    assert.doesNotMatch(text, /^All is well/m);
  });

  test('breaks what nobody copies into lines of a terminal, and keeps a command on its line', () => {
    const long = Array.from({ length: 40 }, () => 'word').join(' ');
    const findings = [{ check: 'a', level: 'fault' as const, what: 'It is.', remedy: `Run: ${long}` }];
    const lines = textFor([{ ...fine, findings, fine: [{ check: 'f', title: long }] }]).split('\n');
    assert.ok(lines.some((line) => line.endsWith(long)));
    assert.ok(lines.filter((line) => !line.includes('Run:')).every((line) => line.length <= 102));
  });
});
