/** What `countersign audit` is called with. Tested in test/cli/audit/args.test.ts. */
import { parseArgs } from 'node:util';
import { coerceError } from '../../core/ports/errors.ts';
import { parseDuration } from '../../core/text/settings/duration.ts';
import { isZone, momentOf } from '../../core/text/time/zone.ts';
import { type AuditKind, auditKindNames, auditKinds } from '../../core/view/audit/kinds.ts';
import type { AuditFilter } from '../../core/view/audit/search.ts';

export const USAGE = `Usage: npm run countersign -- audit [WORD…] [options]

Searches the audit log of the database that DATABASE_URL names (in the environment or in .env), newest first, also while the bot
runs: it only reads. Secrets stay masked, as on the cards.

  WORD             each one is in what was asked, in what happened, or in what somebody wrote
  --person WHO     slack:U0123 or U0123 for exactly this one, or a part of the name
  --approval ID    by the ID of Countersign or of its asker; alone: the whole story of one approval, oldest first;
                   "policy" has what concerns no single approval
  --kind KIND      repeat it for several:
${auditKindNames.map((kind) => `                     ${kind.padEnd(10)}${auditKinds[kind]}`).join('\n')}
  --from TIME      2026-12-01, 2026-12-01T08:00:00Z, or how long ago: 24h, 7d
  --to TIME        the same; not included
  --limit N        how many (default: 50)
  --all            all of them
  --zone ZONE      of the times that are read and printed: Europe/Berlin, UTC (default: that of this machine)
  --json           one JSON object a line
  --help           prints this

Exits 0 when something was found, 1 when nothing was, 2 for an error.

Examples: npm run countersign -- audit refund --person dana --kind decision --from 30d
          npm run countersign -- audit --approval apr_0123`;

/** The caller can fix it by the message alone. */
export class UsageError extends Error {}

export interface AuditArgs {
  filter: AuditFilter;
  /** Infinity: all. */
  limit: number;
  zone: string;
  json: boolean;
  /** Only one approval is named, and nothing else. */
  isStory: boolean;
}

const LIMIT_DEFAULT = 50;

/**
 * @param now ms since 1970
 * @returns null: the usage was asked for
 * @throws UsageError that says what to write
 */
export function readArgs(args: readonly string[], now: number): AuditArgs | null {
  const { values, positionals } = parse(args);
  if (values.help === true) return null;
  const zone = values.zone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!isZone(zone)) throw new UsageError(`--zone ${zone}: write a name such as Europe/Berlin, or UTC.`);
  const text = positionals.join(' ').trim();
  const json = values.json === true;
  const filter: AuditFilter = {
    ...(text !== '' && { text }),
    ...(values.person !== undefined && { person: values.person }),
    ...(values.approval !== undefined && { approval: values.approval.trim() }),
    ...(values.kind !== undefined && { kinds: values.kind.map(kindOf) }),
    ...(values.from !== undefined && { from: timeOf('--from', values.from, zone, now) }),
    ...(values.to !== undefined && { to: timeOf('--to', values.to, zone, now) }),
  };
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = filter;
  if (from >= to) throw new UsageError('--from must be before --to.');
  const isLimited = values.limit !== undefined || values.all === true;
  const isStory = values.approval !== undefined && Object.keys(filter).length === 1 && !json && !isLimited;
  return { filter, limit: limitOf(values.limit, values.all === true), zone, json, isStory };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        person: { type: 'string' },
        approval: { type: 'string' },
        kind: { type: 'string', multiple: true },
        from: { type: 'string' },
        to: { type: 'string' },
        limit: { type: 'string' },
        all: { type: 'boolean' },
        zone: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (thrown) {
    throw new UsageError(`${coerceError(thrown).message}\n\n${USAGE}`);
  }
}

function kindOf(text: string): AuditKind {
  const kind = auditKindNames.find((one) => one === text.trim());
  if (kind === undefined) throw new UsageError(`--kind ${text}: write one of ${auditKindNames.join(', ')}.`);
  return kind;
}

function limitOf(text: string | undefined, all: boolean): number {
  if (all) return Number.POSITIVE_INFINITY;
  if (text === undefined) return LIMIT_DEFAULT;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError('--limit must be a whole number, at least 1.');
  return Number(text);
}

const MOMENT = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:[Zz]|[+-]\d{2}:\d{2})$/;
const WALL = /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}(?::\d{2})?))?$/;

/** ms since 1970. */
function timeOf(name: string, given: string, zone: string, now: number): number {
  const text = given.trim();
  const ago = parseDuration(text);
  if (ago !== null) return now - ago;
  const moment = MOMENT.test(text) ? Date.parse(text.replace(' ', 'T')) : wallOf(text, zone);
  if (Number.isNaN(moment))
    throw new UsageError(
      `${name} ${given}: write 2026-12-01, 2026-12-01T08:00:00Z, or how long ago, such as 24h or 7d.`,
    );
  return moment;
}

/** A day, or a time of day, on a clock in the zone. */
function wallOf(text: string, zone: string): number {
  const [, day, time = '00:00'] = WALL.exec(text) ?? [];
  const wall = Date.parse(`${day}T${time}Z`);
  return Number.isNaN(wall) ? wall : momentOf(wall, zone);
}
