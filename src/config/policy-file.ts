/**
 * What a policy file means for the settings: some of them it takes the place of, and these must be empty. Tested in
 * test/config/policy-file.test.ts.
 */
import { backendNames, ids, schedules } from '../adapters.ts';
import type { Place } from '../core/approval/parts/slot.ts';
import type { PolicyDocument } from '../core/policy/rules/document.ts';
import type { PolicySettings } from '../core/policy/rules/document-of-settings.ts';
import { reviewersIn } from '../core/policy/rules/who.ts';
import type { PolicyFile } from '../policy/file/read.ts';
import { linearPattern } from '../policy/linear-pattern.ts';
import { linesFor, movedSettings } from '../policy/lines.ts';
import type { LoadedPolicy } from '../policy/load.ts';
import { problemLine } from '../policy/problems.ts';
import type { Problem } from './problems.ts';
import type { Read } from './read-settings.ts';
import { type Settings, settings } from './settings.ts';

export interface ConfiguredPolicy {
  file: PolicyFile;
  document: PolicyDocument;
  /** What does less than it says, with its place. */
  warnings: readonly string[];
  /** Loads a later text of the file, by the same rules. */
  load(text: string): LoadedPolicy;
}

/** All of the settings that a policy is made of where there is no file. */
export function policySettingsOf(set: Settings, places: readonly Place[]): PolicySettings {
  const { AWAIT_TOOLS: tools = [] } = set as { AWAIT_TOOLS?: readonly string[] };
  return {
    reviewers: set.REVIEWERS,
    places,
    direct: set.DIRECT_MESSAGES,
    mention: set.PING,
    confirm: set.CONFIRM,
    yesNo: set.AWAIT_YES_NO,
    tools,
    remindAfter: set.REMIND_AFTER,
    runs: { targets: set.RUNS, starters: set.RUN_STARTERS },
    forms: {
      reasonRequired: set.REJECT_REASON === 'required',
      approveNote: set.APPROVE_NOTE,
      quickReasons: set.QUICK_REASONS,
    },
    mask: { keys: set.MASK_KEYS, patterns: set.MASK_PATTERNS.map(({ source }) => source) },
    digestFrom: set.DIGEST_FROM,
    claimMs: set.TAKE_OVER_MAX,
  };
}

/**
 * Loads the file, and gives the settings that follow from it their values.
 * @param platforms names of those that are configured
 * @param problems gets what is wrong
 * @returns null where the file has an error
 */
export function applyPolicyFile(
  file: PolicyFile,
  read: Read<Settings>,
  platforms: readonly string[],
  problems: Problem[],
): ConfiguredPolicy | null {
  const { set } = read;
  problems.push(...movedProblems(file, read));
  const options = { source: file.path, ids, ...backendNames, platforms, lacking: settingsLackingIn(read) };
  const load = (text: string) => file.loadPolicy(text, options);
  const { document, problems: found, warnings } = load(file.text);
  for (const one of found) {
    problems.push({ names: ['POLICY_FILE'], message: problemLine(file.path, one), given: null, where: null });
  }
  if (document === null) return null;
  Object.assign(set, settingsFrom(document), channelsFrom(document, set));
  return { file, document, warnings: warnings.map((one) => problemLine(file.path, one)), load };
}

/** The setting that a kind of schedules lacks, by the kind. Some need none. */
function settingsLackingIn({ given }: Read<Settings>): ReadonlyMap<string, string> {
  const needed = schedules.filter(({ needs }) => needs !== '' && given[needs] === undefined);
  return new Map(needed.map(({ name, needs }) => [name, needs]));
}

/** A setting with its default says nothing else than the file does; it is in each copy of `.env.example`. */
function movedProblems({ path }: PolicyFile, read: Read<Settings>): Problem[] {
  const { given, set } = read;
  const names = movedSettings.filter((name) => given[name] !== undefined && !hasDefault(name, set));
  if (names.length === 0) return [];
  const what = names.length === 1 ? `${names[0]} is` : `${names.slice(0, -1).join(', ')} and ${names.at(-1)} are`;
  return [
    {
      names,
      message: `${what} not read, because ${path} says it. Remove ${names.length === 1 ? 'it' : 'them'} from .env. As lines of ${path}:`,
      given: null,
      where: null,
      lines: linesFor(names, policySettingsOf(set, [])),
    },
  ];
}

function hasDefault(name: string, set: Settings): boolean {
  const value = (set as Record<string, unknown>)[name];
  if (value instanceof Map) return value.size === 0;
  const byDefault: unknown = (settings.shape as Record<string, { parse(value: undefined): unknown }>)[name]?.parse(
    undefined,
  );
  return JSON.stringify(value) === JSON.stringify(byDefault);
}

/** What the rest of the bot reads from settings, and the file says. */
function settingsFrom(document: PolicyDocument): Partial<Settings> & { AWAIT_TOOLS: readonly string[] } {
  const { rules, runs, confirm, questions, mask } = document;
  const direct = reviewersIn(
    rules.flatMap((rule) => rule.direct),
    document,
  );
  return {
    REVIEWERS: [],
    PING: [],
    DIRECT_MESSAGES: direct.filter(({ kind }) => kind === 'user'),
    RUNS: runs.map(({ target }) => target),
    RUN_STARTERS: new Map(runs.map(({ target, start }) => [target.name, reviewersIn(start, document)])),
    CONFIRM: [...confirm],
    AWAIT_YES_NO: [...questions.yesNo],
    AWAIT_TOOLS: questions.tools,
    REMIND_AFTER: [],
    MASK_KEYS: [...mask.keys],
    MASK_PATTERNS: mask.patterns.map(linearPattern),
  };
}

/** A platform looks at one of its rooms at the start. */
function channelsFrom(document: PolicyDocument, set: object): Record<string, string> {
  const rooms = roomsIn(document);
  const platforms = new Set(rooms.map(({ platform }) => platform));
  return Object.fromEntries(
    [...platforms].flatMap((platform) => {
      const name = channelSetting(platform);
      const own = rooms.filter((one) => one.platform === platform).map(({ room }) => room);
      const given = (set as Record<string, unknown>)[name];
      const first = own.find((room) => room === given) ?? own[0];
      return first === undefined ? [] : [[name, first]];
    }),
  );
}

function channelSetting(platform: string): string {
  return `${platform.toUpperCase()}_CHANNEL`;
}

/** All rooms of a policy, each once. */
export function roomsIn({ rules }: PolicyDocument): Place[] {
  const all = rules.flatMap(({ rooms, escalate }) => [...rooms, ...escalate.flatMap((step) => step.rooms)]);
  return [...new Map(all.map((place) => [`${place.platform}:${place.room}`, place])).values()];
}
