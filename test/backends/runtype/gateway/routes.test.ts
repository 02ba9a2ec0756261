import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { agentIn, plainPath, routeOf } from '../../../../src/backends/runtype/gateway/routes.ts';
import { runs } from '../../../support/property.ts';
import { spelled } from '../support/spellings.ts';

const known: [string, string][] = [
  ['/v1/dispatch', 'dispatch'],
  ['/v1/dispatch/approve', 'approve'],
  ['/v1/dispatch/resume', 'resume'],
  ['/v1/dispatch/continue', 'continue'],
  ['/v1/agents/agent_1/approve', 'approve'],
  ['/v1/agents/agent_1/resume', 'resume'],
  ['/v1/client/approve', 'approve'],
  ['/v1/client/resume', 'resume'],
  ['/v1/agents/agent_1/execute', 'agent'],
];

describe('a route', () => {
  test('is known in any spelling of its path', () => {
    fc.assert(
      fc.property(
        fc
          .constantFrom(...known)
          .chain(([path, route]) => spelled(path).map((target) => [target, route, path] as const)),
        ([target, route, path]) => {
          assert.equal(routeOf('POST', target), route, target);
          assert.equal(plainPath(target), path, target);
        },
      ),
      { numRuns: runs(2_000) },
    );
  });

  test('of another method or another path is none of these', () => {
    assert.equal(routeOf('GET', '/v1/dispatch/approve'), 'other');
    for (const path of [
      '/v1/records',
      '/v1/dispatch/approve/x',
      '/v2/dispatch',
      '/v1/dispatches',
      '/v1/dispatch/..',
      '/v1',
    ]) {
      assert.equal(routeOf('POST', path), 'other', path);
    }
  });

  test('names its agent in the agent’s own spelling', () => {
    assert.equal(agentIn('/v1/agents/Agent%20One/execute?x=1'), 'Agent One');
    assert.equal(agentIn('/v1//agents/a_B;v=1/execute'), 'a_B');
    for (const target of ['/v1/agents/%zz/execute', '/v1/agents/', '/v1/dispatch']) assert.equal(agentIn(target), null);
  });
});
