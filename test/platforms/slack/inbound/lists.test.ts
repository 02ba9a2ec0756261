/** `/approvals` with a person among its words: an account where Slack sends references, and the typed name where it does not. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { dana, startSlack } from '../support.ts';

test('a person who is named after /approvals away is their account where Slack sends references, else their name', async () => {
  await using rig = await startSlack();
  const [id, handle] = ['U0000000042', 'ana.k'];
  rig.emulator.addUser({ id, handle, displayName: 'Ana Kovač', groups: [] });
  const asked: (string | null)[] = [];
  rig.answerCommand = async ({ ask }) => {
    asked.push(ask.verb === 'away' ? ask.text : null);
    return { text: 'Heard.', rooms: [] };
  };
  for (const shouldEscape of [undefined, true, false])
    await rig.emulator.command(dana, '/approvals', `away until Monday -> @${handle}`, {
      ...(shouldEscape !== undefined && { shouldEscape }),
    });
  assert.deepEqual(asked, [`until Monday -> slack:${id}`, `until Monday -> slack:${id}`, `until Monday -> @${handle}`]);
});

test('the app asks Slack for references where people are named, and for the text as typed where agents read it', () => {
  for (const file of ['manifest.yml', 'manifest.http.yml']) {
    const { features } = parse(readFileSync(new URL(`../../../../${file}`, import.meta.url), 'utf8'));
    assert.deepEqual(
      features.slash_commands.map((one: Record<string, unknown>) => [one['command'], one['should_escape']]),
      [
        ['/approvals', true],
        ['/countersign', false],
      ],
      file,
    );
  }
});
