/** `npm run notifications`: see `usage`. */
import { renderCard } from '../src/core/view/cards/approval-card.ts';
import { parseCommandLine, runCommand } from '../test/support/command-line.ts';
import { kindsOfPauses, otherKindsOfPauses } from '../test/support/data/kinds-of-pauses.ts';
import { after, announced } from '../test/support/data/pauses.ts';

const usage = `Usage: npm run notifications -- [flags]

Prints what a phone shows first of a pause, for each of 30 pauses of different kinds.

  --all   30 more (default: only the first 30)
  --help  prints this

Example: npm run notifications -- --all`;

await runCommand(async () => {
  const { values } = parseCommandLine(usage, { all: { type: 'boolean', default: false } } as const);
  for (const { pause } of [...kindsOfPauses, ...(values.all ? otherKindsOfPauses : [])]) {
    const { summary } = renderCard(after(announced({ pause })), { backend: 'Runtype' });
    process.stdout.write(`${summary}\n`);
  }
});
