/** The line that says that the bot is ready. Tested in test/engine/observe/inspect-rooms.test.ts. */
import type { Config } from '../config/config.ts';
import type { Reviewer } from '../core/policy/reviewers.ts';
import { inAddress } from '../core/text/settings/host.ts';
import type { Engine } from '../engine/contract.ts';
import { decidersOf, reviewersOf, roomsOf } from './rooms-and-people.ts';

const kinds: readonly [kind: Reviewer['kind'], one: string, several: string][] = [
  ['user', 'person', 'people'],
  ['group', 'group', 'groups'],
  ['role', 'role', 'roles'],
];

/** For the operator: where the bot is, who may decide, and which backends answer. */
export function summaryOf(
  config: Readonly<Config>,
  { port, health }: { port: number; health: Engine['health'] },
): Record<string, unknown> {
  const { host, platforms, policy, directMessages } = config;
  const reviewers = decidersOf(config);
  const mayDecide = kinds.flatMap(([kind, one, several]) => {
    const count = reviewersOf(kind, reviewers).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? one : several}`];
  });
  return {
    host,
    port,
    url: `http://${inAddress(host)}:${port}`,
    platforms: platforms.map(({ name }) => name),
    ...(policy !== null && { policy: policy.file.path, rules: policy.document.rules.length }),
    mayDecide: mayDecide.join(', ') || 'no one',
    rooms: roomsOf(config).map(({ platform, room }) => `${platform}:${room}`),
    directMessages: directMessages.length,
    backends: Object.fromEntries(answersOf(config, health)),
  };
}

function answersOf({ backends }: Readonly<Config>, health: Engine['health']): [backend: string, answer: string][] {
  const checks = new Map(health.report().checks.map((check) => [check.name, check]));
  return backends.flatMap(({ name, config }) => {
    const check = checks.get(name);
    if (!config.enabled || check === undefined) return [];
    if (check.checkedAt === null) return [[name, 'no answer yet']];
    return [[name, check.ok ? 'answers' : (check.reason ?? 'does not answer')]];
  });
}
