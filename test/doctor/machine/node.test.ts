import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { MACHINE, nodeGroup, withOneClock } from '../../../src/doctor/machine/node.ts';
import { type Examined, examine } from '../../../src/doctor/run.ts';
import { systemClock } from '../../../src/system/clock.ts';

describe('the version of Node', () => {
  const levels = async (version: string) =>
    (await examine([nodeGroup(version)], systemClock)).flatMap(({ findings }) => findings.map(({ level }) => level));

  test('is a fault below the oldest one that the package names, and fine from there', async () => {
    const { engines } = JSON.parse(readFileSync('package.json', 'utf8'));
    const [, major, minor] = /(\d+)\.(\d+)/.exec(engines.node)?.map(Number) ?? [];
    assert.ok(major !== undefined && minor !== undefined);
    assert.deepEqual(await levels(`${major}.${minor}.0`), []);
    assert.deepEqual(await levels(`${major + 1}.0.0`), []);
    assert.deepEqual(await levels(`${major}.${minor - 1}.9`), ['fault']);
    assert.deepEqual(await levels(`${major - 1}.99.0`), ['fault']);
  });
});

describe('clocks that differ from ours', () => {
  const machine: Examined = { title: MACHINE, findings: [], fine: [], untold: [] };
  const other = (title: string, level: 'fault' | 'warning'): Examined => ({
    ...machine,
    title,
    findings: [{ check: `${title}.clock`, level, what: `It is ahead of that of ${title}.`, remedy: 'Set it.' }],
  });

  test('of several systems are one finding about this machine, as bad as the worst', () => {
    const [here, ...others] = withOneClock([machine, other('Slack', 'warning'), other('Discord', 'fault')]);
    assert.deepEqual(
      here?.findings.map(({ check, level, what }) => [check, level, what]),
      [['machine.clock', 'fault', 'It is ahead of that of Discord. Those of Slack differ from it, too.']],
    );
    assert.deepEqual(
      others.flatMap(({ findings }) => findings),
      [],
    );
  });

  test('of one system stay its finding: its own may be wrong', () => {
    const examined = [machine, other('Slack', 'warning')];
    assert.deepEqual(withOneClock(examined), examined);
  });
});
