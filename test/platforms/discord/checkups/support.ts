import assert from 'node:assert/strict';
import type { Finding, Wanted } from '../../../../src/core/ports/ports.ts';
import { type Examined, examine } from '../../../../src/doctor/run.ts';
import { createDiscord, type DiscordOptions } from '../../../../src/platforms/discord/index.ts';
import { createDiscordEmulator } from '../../../../src/sandbox/emulators/discord/index.ts';
import type { DiscordEmulator, DiscordEmulatorOptions } from '../../../../src/sandbox/emulators/discord/types.ts';
import { systemClock } from '../../../../src/system/clock.ts';
import { captureLog } from '../../../support/log.ts';

export const decider = (kind: 'user' | 'role', id: string, more: object = {}) => ({
  kind,
  id,
  decides: true,
  direct: false,
  where: 'REVIEWERS',
  ...more,
});

/** Mara, who owns the server, Jonas and Inês; the first two have the role of reviewers. */
export function peopleIn(emulator: DiscordEmulator): { mara: string; jonas: string; ines: string; reviewers: string } {
  const [mara = '', jonas = '', ines = ''] = emulator.state().users.map(({ id }) => id);
  return { mara, jonas, ines, reviewers: emulator.state().users[0]?.roles[0] ?? '' };
}

/** What a bot needs whose reviewers are a person and a role. */
export function wantedOf(emulator: DiscordEmulator, more: Partial<Wanted> = {}): Wanted {
  const { channel } = emulator;
  const { jonas, reviewers } = peopleIn(emulator);
  const people = [decider('user', jonas), decider('role', reviewers)];
  return {
    rooms: [{ room: channel, for: ['cards'], where: 'DISCORD_CHANNEL' }],
    people,
    rules: [{ where: 'DISCORD_CHANNEL', rooms: [channel], deciders: people }],
    ...more,
  };
}

/** Looks without a start, after a change at Discord; checks that nothing was written there. */
export async function lookAfter(
  change: (emulator: DiscordEmulator) => void = () => {},
  {
    wanted = () => ({}),
    emulated = {},
    overHttp = false,
    ...options
  }: Partial<DiscordOptions> & {
    wanted?: (emulator: DiscordEmulator) => Partial<Wanted>;
    emulated?: DiscordEmulatorOptions;
    overHttp?: boolean;
  } = {},
): Promise<Examined & { calls: (path: RegExp) => number }> {
  const emulator = await createDiscordEmulator(emulated);
  const { token, channel, url: apiUrl } = emulator;
  const publicKey = overHttp ? emulator.publicKey : null;
  const log = captureLog().log;
  const discord = createDiscord({ token, publicKey, channel, apiUrl, log, clock: systemClock, ...options });
  try {
    // Before the change: it may take somebody away.
    const asked = wantedOf(emulator, wanted(emulator));
    change(emulator);
    const checkups = discord.checkups?.(asked) ?? assert.fail('it can’t look');
    const [examined] = await examine([{ title: 'Discord', checkups }], systemClock);
    assert.deepEqual(emulator.writes(), [], 'the doctor changes nothing');
    assert.equal(emulator.state().connections, 0, 'it opens no gateway');
    const calls = (path: RegExp) =>
      emulator.journal.entries.filter((entry) => entry.kind === 'call' && path.test(entry.path)).length;
    return { ...(examined ?? assert.fail('nothing was looked at')), calls };
  } finally {
    await discord.stop();
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
