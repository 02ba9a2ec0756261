/** The metrics after a day of a bot, number by number as the emulators recorded it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RuntypeCall } from '../../../../src/sandbox/emulators/runtype/types.ts';
import { seriesIn, valuesOf } from '../../../support/metrics/counted.ts';
import { FIRST_DECISION_MS, inStory, liveThrough, type Story } from '../../../support/metrics/story.ts';

type Counts = Record<string, number>;

function count(keys: readonly string[]): Counts {
  const counts: Counts = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}

const callsOf = ({ world }: Story) =>
  world.runtype.journal.entries.filter((entry): entry is RuntypeCall => entry.kind === 'call');
const isDecision = ({ path }: RuntypeCall) => /^\/v1\/dispatch\/(?:approve|resume)$/.test(path);

/** By the emulator of Runtype: each call with what it was for, and how it was answered. */
function backendCalls(story: Story): Counts {
  const { applicationKey } = story.world.runtype;
  return count(
    callsOf(story).map((call) => {
      const isForwarded = call.authorization === `Bearer ${applicationKey}`;
      const own = isDecision(call) ? 'decide' : /executions$/.test(call.path) ? 'check' : 'read';
      const outcome = call.status === 0 ? 'ambiguous' : `${Math.floor(call.status / 100)}xx`;
      return `{backend="runtype",call="${isForwarded ? 'forward' : own}",outcome="${outcome}"}`;
    }),
  );
}

/** By the emulators of the platforms: what people sent, and got an answer to in time. */
function answers({ world: { slack, discord } }: Story): Counts {
  const acked = new Set(slack.journal.entries.flatMap((entry) => (entry.kind === 'ack' ? [entry.envelopeId] : [])));
  const kinds: Record<string, string> = { block_actions: 'press', view_submission: 'form' };
  const inSlack = slack.journal.entries.flatMap((entry) => {
    if (entry.kind !== 'envelope' || !acked.has(entry.envelopeId)) return [];
    const kind = kinds[String(entry.payload['type'])];
    return kind === undefined ? [] : [`{platform="slack",request="${kind}"}`];
  });
  const inDiscord = discord.journal.entries.flatMap((entry) =>
    entry.kind === 'callback' ? ['{platform="discord",request="press"}'] : [],
  );
  return count([...inSlack, ...inDiscord]);
}

/** What the backend was told, by the body of each call that had an effect, and the rule of its run. */
function outcomes(story: Story): { outcome: string; route: string }[] {
  const runs = story.world.runtype.runs();
  return callsOf(story)
    .filter(({ effect }) => effect)
    .map(({ path, body }) => {
      const { decision, reason = '', executionId } = body as Record<string, string>;
      const name = runs.find((run) => run.executionId === executionId)?.name ?? '';
      const route = story.routes.get(name) ?? '';
      if (path.endsWith('/resume')) return { route, outcome: 'answered' };
      if (decision === 'approved') return { route, outcome: 'approved' };
      if (reason.startsWith('Taken over by')) return { route, outcome: 'taken_over' };
      return { route, outcome: /Sam|Dana|Wrong/.test(reason) ? 'rejected' : 'expired' };
    });
}

const backend = 'backend="runtype"';

describe('after a day, the metrics are what the emulators recorded', () => {
  test('number by number, and those that are kept are the same after a restart', () =>
    inStory(async (story) => {
      const { world } = story;
      await liveThrough(story);
      const told = outcomes(story);
      assert.equal(told.length, 7, 'the story decides seven times');
      const paused = world.runtype.journal.entries.filter((one) => one.kind === 'run' && one.state === 'paused').length;
      const isDone = (text: string) =>
        valuesOf(seriesIn(text), 'open_approvals')[`{${backend},route="payouts"}`] === 1 &&
        valuesOf(seriesIn(text), 'jobs')['{kind="decide",state="dead"}'] === 1;
      const series = seriesIn(await story.untilMetrics(isDone));
      const values = (name: string) => valuesOf(series, name);

      assert.deepEqual(values('backend_call_seconds_count'), backendCalls(story));
      assert.deepEqual(values('press_answer_seconds_count'), answers(story));
      assert.deepEqual(values('pauses_seen_total'), { [`{${backend},via="stream"}`]: paused });
      const settled = [...told, { outcome: 'failed', route: 'everything else' }];
      assert.deepEqual(
        values('approvals_settled_total'),
        count(settled.map(({ outcome, route }) => `{${backend},route="${route}",outcome="${outcome}"}`)),
      );
      assert.deepEqual(
        values('approvals_opened_total'),
        count([...story.routes.values()].map((route) => `{${backend},route="${route}"}`)),
      );

      // Calls with a decision, by what the backend answered: 500 leaves it open whether it arrived, 400 does not.
      const sent = callsOf(story).filter(isDecision);
      const resultOf = ({ status, effect }: RuntypeCall) =>
        effect ? 'recorded' : status === 500 ? 'ambiguous' : 'refused';
      assert.deepEqual(
        values('decisions_sent_total'),
        count(sent.map((call) => `{${backend},result="${resultOf(call)}"}`)),
      );
      assert.deepEqual(
        values('delivery_seconds_count'),
        count(settled.map(({ outcome }) => `{${backend},outcome="${outcome}"}`)),
      );

      // People decided all of these but the one that expired; the one that failed was decided, too.
      const actions: Record<string, string> = {
        approved: 'approve',
        failed: 'approve',
        rejected: 'reject',
        answered: 'answer',
        taken_over: 'take_over',
      };
      const byPeople = settled.filter(({ outcome }) => outcome !== 'expired');
      assert.deepEqual(
        values('decision_seconds_count'),
        count(byPeople.map(({ outcome, route }) => `{${backend},route="${route}",action="${actions[outcome]}"}`)),
      );
      const slowest = `{${backend},route="everything else",action="approve"}`;
      const sum = values('decision_seconds_sum')[slowest] ?? 0;
      assert.ok(sum >= FIRST_DECISION_MS / 1000, 'the first one took so long, and the others add to it');

      assert.deepEqual(values('signatures_total'), {
        '{route="payouts",outcome="given"}': 2,
        '{route="payouts",outcome="refused"}': 1,
      });
      assert.equal(values('presses_total')['{platform="slack",outcome="not_allowed"}'], 1);
      assert.equal(values('presses_total')['{platform="slack",outcome="signed"}'], 1);

      const slackCalls = world.slack.journal.entries.filter((entry) => entry.kind === 'call');
      const limited = slackCalls.filter(({ error }) => error === 'ratelimited').length;
      assert.deepEqual(values('rate_limits_total'), { '{service="slack",calls="post",rooms="room"}': limited });
      assert.equal(values('rate_wait_seconds_total')['{service="slack",calls="post",rooms="room",why="limit"}'], 7);
      const posts = slackCalls.filter(({ method, ok }) => method === 'chat.postMessage' && ok).length;
      assert.equal(values('cards_total')['{platform="slack",deed="posted"}'], posts);
      assert.deepEqual(values('card_seconds_count'), {
        [`{${backend},platform="slack"}`]: paused,
        [`{${backend},platform="discord"}`]: paused,
      });

      assert.deepEqual(values('jobs_ended_total')['{kind="decide",outcome="dead"}'], 1);
      assert.deepEqual(values('open_approvals'), { [`{${backend},route="payouts"}`]: 1 });
      assert.deepEqual(values('signatures_missing'), { [`{${backend},route="payouts"}`]: 2 });
      assert.deepEqual(values('starts_total'), { '{after="first_start"}': 1 });
      assert.deepEqual(values('policy_problems'), {});

      await world.stop();
      await world.start();
      const later = seriesIn(await story.untilMetrics(isDone));
      assert.deepEqual(valuesOf(later, 'starts_total'), { '{after="first_start"}': 1, '{after="clean"}': 1 });
      assert.deepEqual(valuesOf(later, 'open_approvals'), values('open_approvals'));
      assert.deepEqual(valuesOf(later, 'signatures_missing'), values('signatures_missing'));
      assert.deepEqual(valuesOf(later, 'jobs')['{kind="decide",state="dead"}'], 1);
      assert.deepEqual(valuesOf(later, 'approvals_settled_total'), {}, 'of this process');
    }));
});
