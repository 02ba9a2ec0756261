import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Finding } from '../../src/core/ports/ports.ts';
import { EXIT, exitCodeOf, joined, reportOf, reportSchema } from '../../src/doctor/report.ts';
import type { Examined } from '../../src/doctor/run.ts';

const about = { source: 'command', release: '1.2.3', at: '2026-11-30T09:00:00.000Z', durationMs: 12 } as const;
const found = (level: Finding['level'], check: string): Finding => ({ check, level, what: 'It is.', remedy: 'Do.' });
const group = (title: string, findings: Finding[]): Examined => ({
  title,
  findings,
  fine: [{ check: `${title}.fine`, title: 'it is' }],
  untold: [{ check: `${title}.untold`, what: 'It may be.', remedy: 'Look.' }],
});

describe('a report', () => {
  test('counts what was found, and is what its schema says', () => {
    const slack = group('Slack', [found('fault', 'a'), found('warning', 'b'), found('warning', 'c')]);
    const report = reportOf([slack], about);
    assert.deepEqual([report.faults, report.warnings, report.groups[0]?.findings[0]?.where], [1, 2, null]);
    assert.deepEqual(reportSchema.parse(JSON.parse(JSON.stringify(report))), report);
  });

  test('joined with another has each group once, counts both, and is about the first', () => {
    const bots = reportOf([group('Slack', [found('fault', 'a')]), group('Files', [])], { ...about, source: 'bot' });
    const own = reportOf([group('Files', [found('warning', 'b')])], about);
    const { groups, faults, warnings, source } = joined(bots, own);
    assert.deepEqual(
      groups.map(({ title, findings, fine, untold }) => [title, findings.length, fine.length, untold.length]),
      [
        ['Files', 1, 2, 2],
        ['Slack', 1, 1, 1],
      ],
    );
    assert.deepEqual([faults, warnings, source], [1, 1, 'bot']);
  });

  test('has the exit code of the worst that it says', () => {
    const codes = [[], [found('warning', 'a')], [found('warning', 'a'), found('fault', 'b')]].map((findings) =>
      exitCodeOf(reportOf([group('Slack', findings)], about)),
    );
    assert.deepEqual(codes, [EXIT.fine, EXIT.warnings, EXIT.faults]);
    assert.equal(new Set(codes).size, 3);
  });
});
