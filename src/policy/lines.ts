/** Settings as lines of a policy file. Tested in test/policy/lines.test.ts. */

import { type Reviewer, reviewerText } from '../core/policy/reviewers.ts';
import { type PolicySettings, REVIEWERS_GROUP } from '../core/policy/rules/document-of-settings.ts';
import { EVERY_RUN } from '../core/policy/run-targets.ts';
import { shortDuration } from '../core/text/settings/duration.ts';

/** A line, and the settings that it comes from; empty: it belongs to every policy. */
interface Line {
  text: string;
  of: readonly string[];
}

/** The settings that a policy file takes the place of. */
export const movedSettings = [
  ...[
    'REVIEWERS',
    'PING',
    'DIRECT_MESSAGES',
    'TAKE_OVER_MAX',
    'RUNS',
    'RUN_STARTERS',
    'REJECT_REASON',
    'QUICK_REASONS',
  ],
  ...['APPROVE_NOTE', 'CONFIRM', 'REMIND_AFTER', 'DIGEST_FROM', 'AWAIT_TOOLS', 'AWAIT_YES_NO', 'MASK_KEYS'],
  'MASK_PATTERNS',
];

const HEAD = [
  '# The policy: where cards go, who may decide, and what follows. docs/policy.md explains each word.',
  '# Written from .env by "npm run policy -- init". Check it with "npm run policy -- check".',
  '# yaml-language-server: $schema=./countersign.schema.json',
];

/** A whole file that decides as the settings do. */
export function policyText(settings: PolicySettings): string {
  const parts = linesOf(settings).map(({ text }) => (/^\w/.test(text) ? `\n${text}` : text));
  return `${HEAD.join('\n')}\n${parts.join('\n')}\n`;
}

/** The lines that say what some of the settings say. */
export function linesFor(names: readonly string[], settings: PolicySettings): string[] {
  return linesOf(settings)
    .filter(({ of }) => of.some((name) => names.includes(name)))
    .map(({ text }) => text);
}

function linesOf(settings: PolicySettings): Line[] {
  const { reviewers, places } = settings;
  const rooms = places.map(({ platform, room }) => `${platform}:${room}`);
  return [
    { text: 'version: 1', of: [] },
    ...section('groups:', [line(`  ${REVIEWERS_GROUP}: ${peopleText(reviewers)}`, 'REVIEWERS', 'who may decide')]),
    ...(rooms.length === 0
      ? []
      : [
          { text: 'rooms:', of: [] },
          { text: `  cards: ${list(rooms)}`, of: [] },
        ]),
    ...ruleLines(settings),
    ...section('defaults:', defaultLines(settings)),
    ...section('runs:', runLines(settings)),
    ...section('questions:', questionLines(settings)),
    ...section('mask:', maskLines(settings)),
  ];
}

function line(text: string, of: string, comment?: string): Line {
  return { text: comment === undefined ? text : `${text} # ${of}: ${comment}`, of: [of] };
}

/** None without lines of its own. */
function section(head: string, lines: readonly Line[]): Line[] {
  return lines.length === 0 ? [] : [{ text: head, of: lines.flatMap(({ of }) => of) }, ...lines];
}

function ruleLines({ places, mention = [], remindAfter = [], forms }: PolicySettings): Line[] {
  const by = `by: [${REVIEWERS_GROUP}]`;
  const { approveNote = false, reasonRequired = true, quickReasons = [] } = forms ?? {};
  const lines: Line[] = [
    ...(places.length === 0 ? [] : [{ text: '    rooms: [cards]', of: [] }]),
    ...(mention.length === 0 ? [] : [line(`    mention: ${peopleText(mention)}`, 'PING', 'on a new card')]),
    {
      text: `    approve: { ${by}${approveNote ? ', note: optional' : ''} }`,
      of: ['REVIEWERS', 'APPROVE_NOTE'],
    },
  ];
  if (!reasonRequired || quickReasons.length > 0) {
    const quick = quickReasons.length === 0 ? '' : `, quick: ${list(quickReasons)}`;
    // Without a word it is required where the backend passes it on, as by the setting.
    const reason = reasonRequired ? '' : ', reason: optional';
    lines.push({ text: `    reject: { ${by}${reason}${quick} }`, of: ['REJECT_REASON', 'QUICK_REASONS'] });
  }
  if (remindAfter.length > 0) {
    lines.push(line(`    remind: { after: ${list(remindAfter.map(shortDuration))} }`, 'REMIND_AFTER'));
  }
  return [
    ...section('rules: # the first rule that matches applies', [
      { text: '  - name: everything', of: lines.flatMap(({ of }) => of) },
    ]),
    ...lines,
  ];
}

function defaultLines({ digestFrom, claimMs, confirm = [], direct = [] }: PolicySettings): Line[] {
  const lines: Line[] = [];
  if (digestFrom !== undefined) {
    lines.push(line(`  digest: ${digestFrom ?? 'off'}`, 'DIGEST_FROM', 'so many similar requests share a message'));
  }
  if (claimMs !== undefined) lines.push(line(`  claim: ${shortDuration(claimMs)}`, 'TAKE_OVER_MAX'));
  if (confirm.length > 0) lines.push(line(`  confirm: ${list(confirm)}`, 'CONFIRM', 'asks twice'));
  if (direct.length > 0) lines.push(line(`  direct: ${peopleText(direct)}`, 'DIRECT_MESSAGES'));
  return lines;
}

function runLines({ runs }: PolicySettings): Line[] {
  return (runs?.targets ?? []).map(({ name, kind, id }) => {
    const starters = [...(runs?.starters.get(name) ?? []), ...(runs?.starters.get(EVERY_RUN) ?? [])];
    const start = starters.length === 0 ? '' : `, start: ${peopleText(starters)}`;
    return { text: `  ${scalar(name)}: { ${kind}: ${scalar(id)}${start} }`, of: ['RUNS', 'RUN_STARTERS'] };
  });
}

function questionLines({ tools = [], yesNo }: PolicySettings): Line[] {
  return [
    ...(tools.length === 0 ? [] : [line(`  tools: ${list(tools)}`, 'AWAIT_TOOLS', 'which people answer')]),
    ...(yesNo === undefined ? [] : [line(`  yes_no: ${list(yesNo)}`, 'AWAIT_YES_NO', 'these have Approve')]),
  ];
}

function maskLines({ mask }: PolicySettings): Line[] {
  return [
    ...(mask === undefined || mask.keys.length === 0 ? [] : [line(`  keys: ${list(mask.keys)}`, 'MASK_KEYS')]),
    ...(mask === undefined || mask.patterns.length === 0
      ? []
      : [line(`  patterns: ${list(mask.patterns)}`, 'MASK_PATTERNS')]),
  ];
}

function peopleText(people: readonly Reviewer[]): string {
  return list([...new Set(people.map(reviewerText))]);
}

function list(texts: readonly string[]): string {
  return `[${texts.map(scalar).join(', ')}]`;
}

/** Words that some tools read as something else. */
const SPECIAL = /^(?:y|yes|n|no|on|off|true|false|null)$/i;

/** Without quotes where that has one reading only; JSON's quotes are YAML's, too. */
export function scalar(text: string): string {
  const isPlain = /^[A-Za-z][\w.:/-]*\*?$/.test(text) || /^\d+(?:ms|[smhd])$/.test(text);
  return isPlain && !SPECIAL.test(text) && !text.endsWith(':') ? text : JSON.stringify(text);
}
