/** The tables of `docs/reliability.md`: the mutations of each row of the fault matrix, and of each library trap. */
import type { Mutation } from './mutation.ts';
import { mutations } from './table/list.ts';

/** Traps of the platforms' libraries, each shown by a test of the library's behaviour. */
const traps: readonly string[] = [
  'Bolt starts with a wrong token, and fails later with an unhandled rejection',
  'Bolt tries an unreachable Slack a hundred times before it reports it',
  'Socket Mode writes its hundred retries into the options that all clients share',
  'web-api posts again when an answer is lost, and waits after a 429 without asking',
  'Socket Mode reconnects after five seconds, and clicks in that gap are lost',
  'a click without a listener is never acknowledged',
  'Bolt runs its listeners again for the same click or request',
  'an acknowledgement after its socket died rejects',
  '`respond()` throws once its URL is used up',
  'Discord refuses a late or second answer, and may deliver a dispatch twice',
  'discord.js drops its token at the first 401, and still reports that it is ready',
  'discord.js repeats a request after a timeout, and waits after a 429 without asking',
  'a session that can’t be resumed is reopened after half a second or more',
  'a wrong token, a missing intent and a closed gateway each fail differently',
  'a dispatch that discord.js can’t read ends the process',
  'without the Guilds intent discord.js knows no channel',
  'Slack escapes `&`, `<` and `>` in the text of a command, and Bolt passes it on so',
];

const list = Object.entries(mutations);
const namesOf = (those: readonly (readonly [name: string, mutation: Mutation])[]) =>
  those.map(([name]) => `\`${name}\``).join(', ');

export const rowNumbers = [...new Set(list.flatMap(([, { rows = [] }]) => rows))].sort((a, b) => a - b);

export function tables(): { rows: string; traps: string } {
  const ofRow = (row: number) => list.filter(([, { rows = [] }]) => rows.includes(row));
  const rows = [
    '| Row | Mutations that a test must kill |',
    '| --- | --- |',
    ...rowNumbers.map((row) => `| ${row} | ${namesOf(ofRow(row))} |`),
  ];
  const trapRows = traps.map((what, index) => {
    const those = list.filter(([, mutation]) => mutation.traps?.includes(index + 1));
    const tests = [...new Set(those.map(([, { test }]) => `\`test/${test}.test.ts\``))].join(', ');
    return `| ${index + 1} | ${what} | ${namesOf(those)} | ${tests} |`;
  });
  return {
    rows: rows.join('\n'),
    traps: ['| Trap | What the library does | Mutations | Test |', '| --- | --- | --- | --- |', ...trapRows].join('\n'),
  };
}
