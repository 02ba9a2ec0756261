import assert from 'node:assert/strict';
import type { Clock, Finding, Wanted } from '../../../../src/core/ports/ports.ts';
import { type Examined, examine } from '../../../../src/doctor/run.ts';
import { createSlack, type SlackOptions } from '../../../../src/platforms/slack/index.ts';
import { createSlackEmulator } from '../../../../src/sandbox/emulators/slack/index.ts';
import type { SlackEmulator } from '../../../../src/sandbox/emulators/slack/types.ts';
import { systemClock } from '../../../../src/system/clock.ts';
import { captureLog } from '../../../support/log.ts';

export const decider = (id: string, more: object = {}) => ({
  kind: id.startsWith('S') ? ('group' as const) : ('user' as const),
  id,
  decides: true,
  direct: false,
  where: 'REVIEWERS',
  ...more,
});

/** What a bot needs whose reviewers are two people and a user group. */
export function wantedOf({ channel }: SlackEmulator, more: Partial<Wanted> = {}): Wanted {
  const people = [decider('U0000000001'), decider('S0000000001')];
  return {
    rooms: [{ room: channel, for: ['cards'], where: 'SLACK_CHANNEL' }],
    people,
    rules: [{ where: 'SLACK_CHANNEL', rooms: [channel], deciders: people }],
    ...more,
  };
}

/** Looks without a start, after a change at Slack; checks that nothing was written there. */
export async function lookAfter(
  change: (emulator: SlackEmulator) => void = () => {},
  { wanted = {}, ...options }: Partial<SlackOptions> & { wanted?: Partial<Wanted> } = {},
): Promise<Examined & { calls: (method: string) => number }> {
  const emulator = await createSlackEmulator();
  const clock: Clock = options.clock ?? systemClock;
  const { botToken, appToken, url: apiUrl } = emulator;
  const delivery: SlackOptions['delivery'] = { kind: 'socket', appToken };
  const slack = createSlack({ botToken, delivery, apiUrl, log: captureLog().log, ...options, clock });
  try {
    change(emulator);
    const checkups = slack.checkups?.(wantedOf(emulator, wanted)) ?? assert.fail('it can’t look');
    const [examined] = await examine([{ title: 'Slack', checkups }], systemClock);
    assert.deepEqual(emulator.writes(), [], 'the doctor changes nothing');
    const calls = (method: string) =>
      emulator.journal.entries.filter((entry) => entry.kind === 'call' && entry.method === method).length;
    return { ...(examined ?? assert.fail('nothing was looked at')), calls };
  } finally {
    await slack.stop();
    await emulator.close();
  }
}

/** The one finding. */
export function only(findings: readonly Finding[]): Finding {
  assert.equal(findings.length, 1, JSON.stringify(findings, null, 2));
  return findings[0] ?? assert.fail();
}

export function assertFound(
  found: Finding,
  expected: { check: string; level: string; what: RegExp; remedy: RegExp },
): void {
  assert.deepEqual([found.check, found.level], [expected.check, expected.level], JSON.stringify(found));
  assert.match(found.what, expected.what);
  assert.match(found.remedy, expected.remedy);
}
