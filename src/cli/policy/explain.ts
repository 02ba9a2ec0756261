/** `npm run policy -- explain ID|EVENT.json`. Tested in test/cli/policy/explain.test.ts. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { explain as explanationOf } from '../../core/policy/explain/explain.ts';
import { explainStored } from '../../core/policy/explain/stored.ts';
import { explanationText, requestText } from '../../core/policy/explain/text.ts';
import type { PolicyDocument } from '../../core/policy/rules/document.ts';
import { createPolicy } from '../../core/policy/rules/policy.ts';
import { withVerbs } from '../../core/policy/yes-no.ts';
import { coerceError, SetupError } from '../../core/ports/errors.ts';
import { parseExact } from '../../core/text/exact/parse.ts';
import { parseTime } from '../../core/text/time/parse.ts';
import type { PolicyCommand } from './command.ts';
import { type CommandIo, INPUT, policyPath, withEnvFile, withHistory } from './command.ts';
import { pauseOfEvent } from './event.ts';
import { readInput } from './input.ts';
import { fileLookups } from './lookups.ts';
import { validDocument } from './valid.ts';

/** Of the input: more than any backend sends. */
const REQUEST_MAX = 64 * 1024 * 1024;

const usage = `Usage: npm run policy -- explain ID|EVENT.json [--file F] [--at TIME] [--requester NAME] [--json]

Says in plain sentences which rule applies, who may decide and why, and what happens if no one does. Changes nothing.

  ID           an approval of the database that DATABASE_URL names, by the ID of Countersign or of its asker; the bot may run
  EVENT.json   a request: an event of Runtype, an item of Sonzai or HookPulse, a question as npm run ask sends it, or
               { "tool": "refund_order", "params": { "amount": 900 } }; - reads it from the input
  --at         when it is asked, as 2026-11-30T09:00:00Z (default: now)
  --requester  who asked for it, as the file names people
  --json       the same as JSON`;

export const explain: PolicyCommand = {
  name: 'explain',
  summary: 'says who may decide a request, and why',
  usage,
  run(args, io) {
    const { file = null, at, requester, json, what } = parse(args);
    withEnvFile(io.environment);
    if (what === INPUT && file === INPUT)
      throw new SetupError('Only one of the request and the policy file can be the input.');
    const document = validDocument(policyPath(file, io.environment), io);
    if (document === null) return 1;
    const now = at === undefined ? Date.now() : parseTime(at);
    if (now === null) throw new SetupError(`--at ${at} is not a time. Write 2026-11-30T09:00:00Z.`);
    if (what !== '-' && !/\.json$/i.test(what)) return explainId(what, document, { io, json, now });
    const policy = createPolicy(document, fileLookups(document, now));
    const event = pauseOfEvent(readJson(what), now);
    const pause = { ...withVerbs(event, policy.asksYesNo(event)), ...(requester !== undefined && { requester }) };
    const explanation = explanationOf({ pause, route: policy.route(pause, { now }), document, now });
    io.print(json ? JSON.stringify(explanation, null, 2) : `${requestText(pause)}\n\n${explanationText(explanation)}`);
    return 0;
  },
};

async function explainId(
  id: string,
  document: PolicyDocument,
  { io, json, now }: { io: CommandIo; json: boolean; now: number },
): Promise<number> {
  const { approval, stored } = await withHistory(io.environment, async (history, name) => {
    const found = await history.find(id);
    if (found === null) {
      throw new SetupError(
        `There is no approval ${id} in ${name}. Details on its card have both of its IDs, and countersign audit WORD finds it; a file ends in .json.`,
      );
    }
    const people = { links: await history.records('link'), absences: await history.records('absence') };
    return { approval: found, stored: people };
  });
  const policy = createPolicy(document, fileLookups(document, now, stored));
  const explanation = explainStored(approval, policy, now);
  const { state } = explanation;
  io.print(
    json
      ? JSON.stringify(explanation, null, 2)
      : `${requestText(approval.pause)}\n\n${explanationText(explanation, { state })}`,
  );
  return 0;
}

function parse(args: readonly string[]) {
  const options = {
    file: { type: 'string' },
    at: { type: 'string' },
    requester: { type: 'string' },
    json: { type: 'boolean', default: false },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [what, ...more] = positionals;
    if (what === undefined || more.length > 0) throw new Error('Name one approval or one file.');
    return { ...values, what };
  } catch (thrown) {
    throw new SetupError(`${coerceError(thrown).message}\n\n${usage}`);
  }
}

function readJson(path: string): unknown {
  try {
    return parseExact(path === INPUT ? readInput(REQUEST_MAX).toString() : readFileSync(path, 'utf8'));
  } catch (thrown) {
    throw new SetupError(`${path} can’t be read as JSON: ${coerceError(thrown).message}`);
  }
}
