/** A link that another replica has recorded counts at once, also where no word of it arrives, and so does its end. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { calls, pressDiscord } from '../../support/people/room.ts';
import { skipPostgres } from '../../support/postgres/index.ts';
import { dana, inWorld, type World } from '../../support/worlds/world.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-replicas-records-'));
after(() => rmSync(folder, { recursive: true }));

function policyFile(slackRoom: string, discordRoom: string): string {
  const file = join(folder, 'countersign.yml');
  writeFileSync(
    file,
    `version: 1
people:
  dana: [slack:${dana.slackId}]
rooms:
  all: [slack:${slackRoom}, discord:${discordRoom}]
rules:
  - name: everything
    rooms: [all]
    approve: { by: [dana] }
links: on
operators: [dana]
`,
  );
  return file;
}

/** As another replica does it, without a word to this one. */
async function elsewhere({ database }: World, change: string, values: readonly unknown[] = []): Promise<void> {
  await database?.query(change, [...values]);
  await database?.query(
    `INSERT INTO meta (key, value) VALUES ('records', '1')
     ON CONFLICT (key) DO UPDATE SET value = (meta.value::bigint + 1)::text`,
  );
}

const link = {
  accounts: [
    { platform: 'slack', id: dana.slackId, name: dana.name },
    { platform: 'discord', id: dana.discordId, name: dana.name },
  ],
  at: 1,
};
const LINK = `INSERT INTO policy_records (kind, id, value, at) VALUES ('link', 'dana', $1, 1)`;
const UNLINK = `DELETE FROM policy_records WHERE kind = 'link'`;

function told({ discord }: World): string {
  const messages = discord.state().messages.filter(({ onlyFor }) => onlyFor !== null);
  return messages.at(-1)?.content ?? '';
}

const inDiscord = ({ discord }: World, name: string) =>
  discord.command({ userId: dana.discordId, channelId: discord.channel, name: `countersign ${name}`, options: {} });

const options = {
  store: 'postgres' as const,
  replicas: 1,
  envOf: ({ slack, discord }: Pick<World, 'slack' | 'discord'>) => ({
    POLICY_FILE: policyFile(slack.channel, discord.channel),
    REVIEWERS: '',
    RUNS: '',
    RUN_STARTERS: '',
  }),
};

describe('a link that another replica has recorded', { skip: skipPostgres }, () => {
  test('counts for the next command, and its end, too', () =>
    inWorld(async (world) => {
      await inDiscord(world, 'stop');
      assert.match(told(world), /Only operators can do this/);
      await elsewhere(world, LINK, [JSON.stringify(link)]);
      await inDiscord(world, 'stop');
      assert.match(told(world), /^Stopped\./);
      await elsewhere(world, UNLINK);
      await inDiscord(world, 'start');
      assert.match(told(world), /Only operators can do this/);
    }, options));

  test('counts for the next press', () =>
    inWorld(async (world) => {
      const answered = world.dispatch('refund-agent');
      const card = await world.discordCard();
      await elsewhere(world, LINK, [JSON.stringify(link)]);
      await pressDiscord(world, dana, card, 'Approve');
      assert.doesNotMatch(told(world), /you are not one of its reviewers/);
      await world.until('the call', () => calls(world, 'approve')[0]);
      await answered;
    }, options));
});
