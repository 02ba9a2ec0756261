/** `npm run policy -- replay --since 30d NEW.yml`. Tested in test/cli/policy/replay.test.ts. */
import { parseArgs } from 'node:util';
import type { Approval } from '../../core/approval/approval.ts';
import { MASK } from '../../core/mask/mask.ts';
import { isReplayed, type Replayed, replay as replayOne } from '../../core/policy/replay/replay.ts';
import { summaryOf, summaryText } from '../../core/policy/replay/summary.ts';
import type { PolicyDocument } from '../../core/policy/rules/document.ts';
import { createPolicy } from '../../core/policy/rules/policy.ts';
import { coerceError, SetupError } from '../../core/ports/errors.ts';
import { counted } from '../../core/text/numbers.ts';
import { parseDuration } from '../../core/text/settings/duration.ts';
import { type PolicyCommand, withHistory } from './command.ts';
import { fileLookups } from './lookups.ts';
import { validDocument } from './valid.ts';

const usage = `Usage: npm run policy -- replay NEW.yml [--since 30d] [--json]

Says what NEW.yml would have done with the requests of the past, each named. Reads the database that DATABASE_URL names;
the bot may run. Changes nothing.

  --since  how far back, as 30d or 12h (default: 30d)
  --json   the same as JSON`;

export const replay: PolicyCommand = {
  name: 'replay',
  summary: 'says what a new file would have done with past requests',
  usage,
  async run(args, io) {
    const { since, json, path } = parse(args);
    const ms = parseDuration(since);
    if (ms === null || ms <= 0) throw new SetupError(`--since ${since} is not a time. Write 30d or 12h.`);
    const document = validDocument(path, io);
    if (document === null) return 1;
    const found = await withHistory(io.environment, async (history) => history.since(Date.now() - ms));
    const approvals = found.filter(isReplayed);
    const summary = summaryOf(replayAll(approvals, document));
    if (json) {
      const groups = summary.groups.map(({ what, found }) => ({
        what,
        requests: found.map(({ approval }) => approval.id),
      }));
      io.print(JSON.stringify({ ...summary, groups }, null, 2));
      return 0;
    }
    io.print(summaryText(summary));
    const masked = approvals.filter(({ pause }) => JSON.stringify(pause.parameters).includes(MASK)).length;
    if (masked > 0) {
      io.print(
        `\n${counted(masked, 'request')} had a masked value, which is not stored: a condition over it sees the mask.`,
      );
    }
    const unknown = approvals.filter(({ novelty }) => novelty === undefined).length;
    if (unknown > 0 && document.rules.some(({ when }) => when?.text.includes('novel.') === true)) {
      io.print(
        `\nOf ${counted(unknown, 'request')} it is not stored what was new about them: a condition over novel does not fit there.`,
      );
    }
    return 0;
  },
};

/** Each as of when it was asked. */
export function replayAll(approvals: readonly Approval[], document: PolicyDocument): Replayed[] {
  let now = 0;
  const policy = createPolicy(document, {
    ...fileLookups(document, 0),
    onDuty: (name) => fileLookups(document, now).onDuty(name),
  });
  return approvals.map((approval) => {
    now = approval.askedAt;
    return replayOne(approval, policy);
  });
}

function parse(args: readonly string[]) {
  const options = { since: { type: 'string', default: '30d' }, json: { type: 'boolean', default: false } } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [path, ...more] = positionals;
    if (path === undefined || more.length > 0) throw new Error('Name one policy file.');
    return { ...values, path };
  } catch (thrown) {
    throw new SetupError(`${coerceError(thrown).message}\n\n${usage}`);
  }
}
