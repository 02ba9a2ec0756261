/** The settings and the policy file, as a start would judge them. Tested in test/doctor/machine/settings.test.ts. */
import type { Problem } from '../../config/problems.ts';
import { secretSettingsIn } from '../../config/read-settings.ts';
import { settings } from '../../config/settings.ts';
import type { Checkup, Found, Level } from '../../core/ports/ports.ts';
import { closedProbes, emptinesses, plainPage } from '../../start/warnings.ts';
import type { ReadAll } from '../read-all.ts';
import type { Group } from '../run.ts';

/** How `Problem` names the policy file. */
const POLICY = 'POLICY_FILE';

export function settingsGroup(all: ReadAll): Group {
  const { problems, config, environment } = all;
  return {
    title: 'Settings',
    checkups: [
      at('settings.values', 'each can be read, and a start accepts them', () =>
        problems.filter((one) => !isOfPolicy(one)).map((one) => foundOf('fault', one)),
      ),
      at('settings.warnings', 'none has an effect that is not meant', () => [
        ...config.warnings.map((one) => foundOf('warning', one)),
        ...(all.policyFile === null && all.isWhole ? emptinesses(config) : []).map(({ message, remedy }) =>
          warning(message, remedy),
        ),
      ]),
      ...(environment === null
        ? []
        : [at('settings.secrets', 'no secret is used twice', () => sharedSecrets(environment, problems))]),
      at('settings.probes', 'the operator can read /readyz and /metrics', () => {
        const closed = closedProbes(config);
        return closed === null || !all.isWhole
          ? []
          : [{ ...warning(closed.message, closed.remedy), where: 'METRICS_TOKEN' }];
      }),
      at('settings.operator-page', operatorPageTitle(config), () => {
        const plain = plainPage(config);
        return plain === null || !all.isWhole
          ? []
          : [{ ...warning(plain.message, plain.remedy), where: 'ADMIN_TOKEN' }];
      }),
    ],
  };
}

function operatorPageTitle({ operatorPage }: ReadAll['config']): string {
  return operatorPage === null
    ? 'the page for operators is off'
    : 'nobody on the way can read what the page for operators sends';
}

/** Null: there is no policy file. */
export function policyGroup({ problems, config, policyFile }: ReadAll): Group | null {
  if (policyFile === null) return null;
  return {
    title: 'Policy file',
    checkups: [
      at('policy.file', `${policyFile} is valid`, () =>
        problems.filter(isOfPolicy).map((one) => ofPolicyLine('fault', one.message, policyFile)),
      ),
      at('policy.warnings', 'each of its entries has an effect', () => [
        ...(config.policy?.warnings ?? []).map((line) => ofPolicyLine('warning', line, policyFile)),
        ...(config.policy === null ? [] : emptinesses(config)).map(({ message, remedy }) => ({
          ...warning(message, remedy),
          where: policyFile,
        })),
      ]),
    ],
  };
}

/** Of a bot that started without a policy file. @param unused finds the one that is there now; null: there is none */
export function unusedFileGroup(unused: () => string | null): Group {
  return {
    title: 'Policy in force',
    checkups: [
      at('policy.unused', 'there is no policy file that this bot does not use', () => {
        const file = unused();
        if (file === null) return [];
        const what = `${file} does not apply: this bot started without a policy file, and REVIEWERS says who may decide.`;
        const remedy =
          'Remove from .env what the doctor names under Settings, then restart the bot. If the file is not meant, move it away.';
        return [{ level: 'fault', what, remedy, where: file }];
      }),
    ],
  };
}

function at(check: string, title: string, look: () => readonly Found[]): Checkup {
  return { check, title, look: async () => look() };
}

function warning(message: string, remedy: string): Found {
  return { level: 'warning', what: ended(message), remedy };
}

function isOfPolicy({ names }: Problem): boolean {
  return names[0] === POLICY;
}

/** What is wrong, then what to do: the messages have both. */
function foundOf(level: Level, { message, given, where, names, lines = [] }: Problem): Found {
  const { what, remedy } = split(message);
  const shown = given === null ? '' : ` Given: ${given}.`;
  const place = where ?? (names.length === 0 ? null : names.join(', '));
  const more = lines.map((line) => `\n${line}`).join('');
  return {
    level,
    what: `${what}${shown}`,
    remedy: `${remedy ?? `Correct it${where === null ? '' : ` in ${where}`}: docs/settings.md lists each setting.`}${more}`,
    ...(place !== null && { where: place }),
  };
}

/** `countersign.yml:14:5: "decide" is not a key of a rule. Valid here: …` */
function ofPolicyLine(level: Level, line: string, file: string): Found {
  const [whole = line, where, text] = /^(.*?:\d+:\d+): (.*)$/s.exec(line) ?? [];
  const { what, remedy } = split(text ?? whole);
  return { level, what, remedy: remedy ?? `Correct ${file}.`, where: where ?? file };
}

/** The first sentence, and the others. */
function split(message: string): { what: string; remedy: string | null } {
  const [what = message, ...rest] = message.split(/(?<=[.?]) (?=[A-Z“"])/);
  return { what: ended(what), remedy: rest.length === 0 ? null : rest.join(' ') };
}

function ended(text: string): string {
  return /[.?!:…]$/.test(text) ? text : `${text}.`;
}

/** A key of Runtype is ours and an application's, on purpose; a proxy's address is no secret of ours. */
const MAY_SHARE = [
  ['RUNTYPE_API_KEY', 'GATEWAY_KEYS'],
  ['HTTP_PROXY', 'HTTPS_PROXY'],
];
/** Shorter ones are names and hosts in the settings that hold more than secrets. */
const SECRET_MIN = 16;

/** A person who knows one of two equal secrets may do what the other one is for. */
function sharedSecrets(environment: NonNullable<ReadAll['environment']>, problems: readonly Problem[]): Found[] {
  const wrong = new Set(problems.flatMap(({ names }) => names));
  const users = new Map<string, Set<string>>();
  for (const name of secretSettingsIn(settings.shape).filter((one) => !wrong.has(one))) {
    for (const piece of (environment[name] ?? '').split(/[\s,;=|]+/)) {
      if (piece.length < SECRET_MIN) continue;
      users.set(piece, (users.get(piece) ?? new Set()).add(name));
    }
  }
  const shared = [...users.values()].map((names) => [...names]).filter(({ length }) => length > 1);
  const pairs = new Map(shared.map((names) => [names.join(), names]));
  return [...pairs.values()]
    .filter((names) => !MAY_SHARE.some((pair) => names.every((name) => pair.includes(name))))
    .map((names) => ({
      level: 'warning',
      what: `${names.join(' and ')} hold the same secret: whoever knows one of them can do what the other one is for.`,
      remedy: `Make another secret for ${names[0]}: openssl rand -base64 24. Then change it where it is used.`,
      where: names.join(', '),
    }));
}
