import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { documentOfSettings } from '../../../src/core/policy/rules/document-of-settings.ts';
import type { Wanted } from '../../../src/core/ports/ports.ts';
import { adapterGroups } from '../../../src/doctor/adapters.ts';
import { examine } from '../../../src/doctor/run.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { type SlackRig, startSlack } from './support.ts';

/** What the doctor finds in Slack, as the frame runs it. */
async function findingsIn({ slack, emulator }: SlackRig, more: Partial<Wanted> = {}) {
  const wanted: Wanted = {
    rooms: [{ room: emulator.channel, for: ['cards'], where: 'SLACK_CHANNEL' }],
    people: [],
    rules: [],
    ...more,
  };
  const groups = adapterGroups(
    { platforms: new Map([['slack', { ...slack, checkups: () => slack.checkups?.(wanted) ?? [] }]]), backends: [] },
    { alertPlaces: [], policy: null },
    documentOfSettings({ reviewers: [], places: [] }),
  );
  const [group] = await examine(groups, systemClock);
  return group ?? assert.fail('Slack is not looked at');
}

describe('what the doctor finds in Slack', () => {
  test('is nothing in a sound set-up', async () => {
    await using rig = await startSlack();
    const { title, findings, fine } = await findingsIn(rig);
    assert.deepEqual([title, findings], ['Slack', []]);
    assert.ok(fine.some(({ check }) => check === 'slack.rooms'));
  });

  test('is a channel that the bot is not in, with the command that mends it', async () => {
    await using rig = await startSlack();
    rig.emulator.removeBot(rig.emulator.channel);
    const { findings } = await findingsIn(rig);
    assert.deepEqual(findings, [
      {
        check: 'slack.rooms',
        level: 'fault',
        what: 'The bot is not in #approvals (C0000000001).',
        remedy: 'Run /invite @Countersign there.',
        where: 'SLACK_CHANNEL',
      },
    ]);
  });
});
