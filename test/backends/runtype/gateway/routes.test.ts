import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { agentIn, isDeciding, mayDecide, plainPath, routeOf } from '../../../../src/backends/runtype/gateway/routes.ts';
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

  test('that decides is recognised in every spelling that some server may read so', () => {
    const deciding = known.flatMap(([path, route]) => (/approve|resume|continue/.test(route) ? [path] : []));
    fc.assert(
      fc.property(
        fc.constantFrom(...deciding).chain(spelled),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 9 })), { maxLength: 3 }),
        fc.constantFrom('', '.json', '%00', '%3Fx', '%23', ';a', '/..%2f..', '%2f', '%09', '%20'),
        (target, escapes, end) => {
          const [path = '', ...rest] = target.split(/(?=[?#])/);
          let spelling = path + end;
          // Encoded once more, as deep as one likes.
          for (const [at, depth] of escapes) {
            const place = 4 + (at % (spelling.length - 4));
            const code = spelling.charCodeAt(place).toString(16).padStart(2, '0');
            spelling = `${spelling.slice(0, place)}%${'25'.repeat(depth)}${code}${spelling.slice(place + 1)}`;
          }
          assert.ok(mayDecide(spelling + rest.join('')), spelling);
        },
      ),
      { numRuns: runs(2_000) },
    );
    for (const target of [
      // What one server takes for the end of the agent's name, another takes for a part of it.
      ...['/v1/agents/..%2f..%2fx/approve', '/v1/agents/%252e%252e/approve', '/v1/agents/a%2fb%2f..%2f../resume'],
      ...['/v1/dispatch/approve%3fx', '/v1/dispatch/approve%00.png', '/v1/dispatch/approve.json', '/v1/x#/../approve'],
      ...['/v1/dispatch/%u0061pprove', '/v1/dispatch/%c1%a1pprove', '/v1/dispatch/%ef%bd%81pprove'],
      ...['/v1/dispatch/re%c5%bfume', '/v1/dispatch/cont%c4%b1nue', '/v1/dispatch/app%0d%0arove', '/v1\\approve'],
    ]) {
      assert.ok(mayDecide(target), target);
    }
  });

  test('that only looks a little alike does not decide', () => {
    for (const target of ['/v1/dispatch', '/v1/approvals', '/v1/x?next=/approve', '/v1/resumes/1', '/v1/pre-approve']) {
      assert.ok(!mayDecide(target), target);
    }
  });

  test('is recognised as deciding wherever it is known to decide', () => {
    const part = fc.constantFrom(
      '/v1',
      '/dispatch',
      '/agents',
      '/approve',
      '%2f',
      '..',
      ';x',
      '%00',
      '%61',
      'a',
      '/',
      '%',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const target = `/v1/${parts.join('')}`;
        if (isDeciding(routeOf('POST', target))) assert.ok(mayDecide(target), target);
      }),
      { numRuns: runs(2_000) },
    );
  });

  test('of a long path is found in time', () => {
    const before = performance.now();
    mayDecide(`/v1/${'%'.repeat(4_000)}${'25'.repeat(6_000)}`);
    assert.ok(performance.now() - before < 100);
  });

  test('names its agent in the agent’s own spelling', () => {
    assert.equal(agentIn('/v1/agents/Agent%20One/execute?x=1'), 'Agent One');
    assert.equal(agentIn('/v1//agents/a_B;v=1/execute'), 'a_B');
    for (const target of ['/v1/agents/%zz/execute', '/v1/agents/', '/v1/dispatch']) assert.equal(agentIn(target), null);
  });
});
