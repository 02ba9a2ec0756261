import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reviewer } from '../../../src/core/policy/reviewers.ts';
import { PlatformError } from '../../../src/core/ports/errors.ts';
import type { Platform } from '../../../src/core/ports/ports.ts';
import { createDeciderNames } from '../../../src/engine/background/decider-names.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { pauseOf } from '../../support/data/pauses.ts';
import { captureLog } from '../../support/log.ts';

const group: Reviewer = { platform: 'slack', kind: 'group', id: 'S1' };
const person: Reviewer = { platform: 'slack', kind: 'user', id: 'U1' };
const role: Reviewer = { platform: 'discord', kind: 'role', id: '71' };
const reviewers = [person, group, role];

function world(labelOf: NonNullable<Platform['labelOf']>) {
  const asked: string[] = [];
  const platform = (name: string, more: object) => {
    const label: Platform['labelOf'] = (who, signal) => {
      asked.push(`${name} ${who.kind} ${who.id}`);
      return labelOf(who, signal);
    };
    return [name, { name, labelOf: label, ...more } as Platform] as const;
  };
  const deciderNames = createDeciderNames({
    platforms: new Map([platform('slack', { nameOf: async () => null }), platform('discord', {})]),
    policy: { deciders: () => ({ all: reviewers, setting: 'REVIEWERS' }) },
    names: { known: ({ id }) => (id === 'U1' ? 'Mara' : null), paused: async () => {} },
    clock: systemClock,
    log: captureLog().log,
  });
  const names = () => deciderNames.of({ pause: pauseOf() }, 'slack')?.all.map(({ name }) => name);
  return { deciderNames, names, asked };
}

test('the start waits for the names of groups and roles; those of people come from their presses’ look-ups', async () => {
  const { deciderNames, names, asked } = world(async ({ id }) => `name of ${id}`);
  assert.deepEqual(names(), ['Mara', null, null]);
  await deciderNames.start(() => reviewers);
  deciderNames.stop();
  assert.deepEqual(names(), ['Mara', 'name of S1', 'name of 71']);
  assert.deepEqual(asked.sort(), ['discord role 71', 'slack group S1']);
});

test('a platform that refuses one kind of names still gives the others', async () => {
  const { deciderNames, names } = world(async ({ kind, id }) => {
    if (kind === 'group') throw new PlatformError('refused', 'missing_scope');
    return id;
  });
  const started = deciderNames.start(() => reviewers);
  await new Promise((resolve) => setImmediate(resolve));
  deciderNames.stop();
  await started;
  assert.deepEqual(names(), ['Mara', null, '71']);
});
