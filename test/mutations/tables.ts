/** What `docs/reliability.md` says of the remedies: a row, or a trap, and what it rests on. */

import type { Remedy } from './remedy.ts';
import { remedies } from './table/list.ts';

/** The traps of the platforms' libraries, each as their own tests of behaviour showed it. */
const traps: readonly string[] = [
  'Bolt starts with a wrong token, and dies of it later as an unhandled rejection',
  'Bolt tries a Slack that can’t be reached a hundred times before it says so',
  'Socket Mode writes its hundred retries into the options that all clients share',
  'web-api posts again when an answer is lost, and waits out a 429 by itself',
  'Socket Mode reconnects after five seconds, and clicks in that gap find nobody',
  'a click without a listener is never acknowledged',
  'Bolt runs its listeners again for the same click or request',
  'an acknowledgement after its socket died rejects',
  '`respond()` throws once its address is used up',
  'Discord refuses a late and a second answer, and delivers a dispatch twice',
  'discord.js drops its token at the first 401, and goes on calling itself ready',
  'discord.js repeats a request after a time-out, and waits out a 429 by itself',
  'a session that can’t be resumed is opened anew, half a second or more later',
  'a wrong token, an intent that is not granted and a closed gateway each fail in their own way',
  'a dispatch that discord.js can’t read ends the process',
  'without an intent discord.js knows no channel',
];

const list = Object.entries(remedies);
const named = (those: readonly (readonly [name: string, remedy: Remedy])[]) =>
  those.map(([name]) => `\`${name}\``).join(', ');

export const rowNumbers = [...new Set(list.flatMap(([, { rows = [] }]) => rows))].sort((a, b) => a - b);

export function tables(): { rows: string; traps: string } {
  const ofRow = (row: number) => list.filter(([, { rows = [] }]) => rows.includes(row));
  const others = list.filter(([, { rows = [], traps: those = [] }]) => rows.length + those.length === 0);
  const rows = [
    '| Row | Taken away one by one, and missed each time |',
    '| --- | --- |',
    ...rowNumbers.map((row) => `| ${row} | ${named(ofRow(row))} |`),
    `| none of them | ${named(others)} |`,
  ];
  const trapRows = traps.map((what, index) => {
    const those = list.filter(([, remedy]) => remedy.traps?.includes(index + 1));
    const tests = [...new Set(those.map(([, { test }]) => `\`test/${test}.test.ts\``))].join(', ');
    return `| ${index + 1} | ${what} | ${named(those)} | ${tests} |`;
  });
  return {
    rows: rows.join('\n'),
    traps: ['| Trap | What the library does | Remedy | Test |', '| --- | --- | --- | --- |', ...trapRows].join('\n'),
  };
}
