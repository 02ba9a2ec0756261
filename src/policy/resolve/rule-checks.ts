/** What is wrong within a rule whose parts are right on their own. Tested in test/policy/wrong-files.test.ts. */
import { verbs } from '../../core/approval/parts/requirement.ts';
import type { Rule, Who } from '../../core/policy/rules/document.ts';
import { isZone } from '../../core/text/time/zone.ts';
import { msOf } from '../schema/parts.ts';
import type { WrittenRule, WrittenVerb } from '../schema/rule.ts';
import type { Path } from '../yaml/tree.ts';
import type { Report } from './report.ts';

interface Context {
  report: Report;
  /** The different people that entries come to; null: it depends on a look-up. */
  peopleWho(by: readonly Who[]): ReadonlySet<string> | null;
}

export function checkRule(written: WrittenRule, rule: Rule, path: Path, context: Context): void {
  const { report } = context;
  checkDeciders(written, path, report);
  for (const verb of verbs) {
    const one = written[verb];
    const made = rule.verbs[verb];
    if (one !== undefined && made !== undefined) checkVerb(one, made.by, [...path, verb], context);
  }
  for (const [key, patterns] of Object.entries(written.match ?? {})) {
    if (Array.isArray(patterns) && patterns.length === 0) {
      report(
        [...path, 'match', key],
        `${key} has no pattern, so the rule matches nothing.`,
        `Write a pattern, or remove ${key}.`,
      );
    }
  }
  for (const [at, who] of (written.direct ?? []).entries()) {
    if (/^\w+:(?:group|role):/.test(who)) {
      report(
        [...path, 'direct', at],
        `${who} can’t get direct messages.`,
        'Name people here; mention groups and roles.',
      );
    }
  }
  checkTimes(written, path, report);
  checkQuiet(written, path, report);
  checkGrant(written, rule, path, report);
}

/** Whether someone can decide, or the rule itself does, and where it is shown. */
function checkDeciders(written: WrittenRule, path: Path, report: Report): void {
  const { standing, rooms = [], direct = [], mode } = written;
  const given = verbs.filter((verb) => written[verb] !== undefined);
  const waiting = (['expire', 'remind', 'escalate', 'quiet', 'grant'] as const).filter(
    (key) => written[key] !== undefined,
  );
  if (standing !== undefined) {
    for (const key of [...given, ...waiting]) {
      const remedy = `Remove standing, or ${key}.`;
      report([...path, key], `standing: ${standing} decides, so ${key} has no effect.`, remedy, {
        key: true,
      });
    }
    return;
  }
  if (!given.includes('approve') && !given.includes('answer')) {
    report(
      [...path, 'name'],
      `The rule "${written.name}" does not say who may approve.`,
      'Add approve: { by: [mara] }, or standing: approve.',
    );
  }
  if (written.approve?.by.length === 0) {
    report([...path, 'approve', 'by'], 'by is empty, so no one could approve.', 'Write who may: by: [mara].');
  }
  if (rooms.length === 0 && direct.length === 0 && mode !== 'watch') {
    report(
      [...path, 'name'],
      `The rule "${written.name}" has no rooms, so no one would see its cards.`,
      'Add rooms: [ops].',
    );
  }
}

function checkVerb(written: WrittenVerb, by: readonly Who[], path: Path, { report, peopleWho }: Context): void {
  const { count, each = 0, note, reason } = written;
  const wanted = count ?? Math.max(1, each * written.by.length);
  for (const [at, who] of written.by.entries()) {
    if (written.by.indexOf(who) < at) report([...path, 'by', at], `${who} is in by twice.`, 'Remove one of the two.');
  }
  if (note !== undefined && reason !== undefined) {
    report([...path, 'reason'], 'note and reason are the same text.', 'Keep one of the two.', { key: true });
  }
  if (each * written.by.length > wanted) {
    const sum = `${each} of each of ${written.by.length} entries are ${each * written.by.length} people, and count is ${wanted}.`;
    report([...path, 'each'], sum, `Write count: ${each * written.by.length}, or a smaller each.`);
  }
  const all = peopleWho(by);
  if (all !== null && by.length > 0 && wanted > all.size) {
    const are = all.size === 1 ? 'is only 1 person' : `are only ${all.size} people`;
    const place = count === undefined ? 'each' : 'count';
    report(
      [...path, place],
      `${wanted} people must sign, and there ${are} in by.`,
      `Write count: ${all.size}, or add people to by.`,
    );
  }
  for (const [at, who] of by.entries()) {
    const few = each > 0 ? peopleWho([who]) : null;
    if (few === null || few.size >= each) continue;
    report(
      [...path, 'by', at],
      `${each} of ${who.text} must sign, and it has ${few.size}.`,
      'Write a smaller each, or add people.',
    );
  }
}

/** A take-over takes one person and asks once, so the rule would do less than it says. */
export function warnOfTakeOvers(rules: readonly WrittenRule[], warn: Report): void {
  for (const [at, { name, take_over: one }] of rules.entries()) {
    if (one === undefined) continue;
    const { count = 1, each, confirm = false } = one;
    const idle = { count: count > 1, each: each !== undefined, confirm };
    for (const key of Object.keys(idle) as (keyof typeof idle)[]) {
      if (!idle[key]) continue;
      const wrong = `${key} of take_over in the rule "${name}" has no effect: one person takes over, and nothing is approved.`;
      warn(['rules', at, 'take_over', key], wrong, `Remove ${key}.`, { key: true });
    }
  }
}

function checkTimes({ remind, escalate = [], expire }: WrittenRule, path: Path, report: Report): void {
  const end = expire === undefined ? Number.POSITIVE_INFINITY : msOf(expire.after);
  const check = (times: readonly string[], placeOf: (at: number) => Path, what: string) => {
    for (const [at, time] of times.entries()) {
      const before = times[at - 1];
      if (before !== undefined && msOf(time) <= msOf(before)) {
        report(
          placeOf(at),
          `${time} is not later than the ${what} before it, at ${before}.`,
          'Put the times in rising order.',
        );
      }
      if (msOf(time) >= end) {
        const remedy = `Write a time below ${expire?.after}, or a later expiry.`;
        report(
          placeOf(at),
          `The ${what} at ${time} never happens: the request expires after ${expire?.after}.`,
          remedy,
        );
      }
    }
  };
  if (remind?.after.length === 0) {
    report([...path, 'remind', 'after'], 'after has no time.', 'Write [10m, 30m], or remove remind.');
  }
  check(remind?.after ?? [], (at) => [...path, 'remind', 'after', at], 'reminder');
  check(
    escalate.map(({ after }) => after),
    (at) => [...path, 'escalate', at, 'after'],
    'escalation',
  );
  for (const [at, { rooms = [], mention = [] }] of escalate.entries()) {
    if (rooms.length > 0 || mention.length > 0) continue;
    report([...path, 'escalate', at], 'The escalation reaches no one.', 'Add rooms: [ops] or mention: [oncall].');
  }
}

function checkQuiet({ quiet }: WrittenRule, path: Path, report: Report): void {
  if (quiet === undefined) return;
  if (quiet.from === quiet.to) {
    report(
      [...path, 'quiet', 'to'],
      `The quiet hours begin and end at ${quiet.from}.`,
      'Write another end, or remove quiet.',
    );
  }
  if (!isZone(quiet.zone)) {
    report(
      [...path, 'quiet', 'zone'],
      `"${quiet.zone}" is not a time zone.`,
      'Write a name such as Europe/Berlin or UTC.',
    );
  }
}

const PARAMETER_PATH = /^params(?:\.[^\s.[\]]+)+$/;

function checkGrant({ grant }: WrittenRule, { verbs: made }: Rule, path: Path, report: Report): void {
  if (grant === undefined) return;
  const { approve } = made;
  if (approve?.confirm === true) {
    report([...path, 'grant'], 'A grant would skip the confirmation of approve.', 'Remove confirm, or grant.', {
      key: true,
    });
  }
  if (approve?.note === 'required') {
    report([...path, 'grant'], 'A grant would skip the note of approve.', 'Write note: optional, or remove grant.', {
      key: true,
    });
  }
  if (approve !== undefined && approve.count > 1) {
    report(
      [...path, 'grant'],
      `A grant of one person would skip the ${approve.count} signatures of approve.`,
      'Write count: 1, or remove grant.',
      { key: true },
    );
  }
  for (const [at, one] of (grant.vary ?? []).entries()) {
    if (PARAMETER_PATH.test(one)) continue;
    report(
      [...path, 'grant', 'vary', at],
      `"${one}" is not the path of a parameter.`,
      `Write params.${one.replace(/^params\.?/, '') || 'note'}.`,
    );
  }
}
