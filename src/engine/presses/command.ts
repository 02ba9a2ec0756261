/** Slash commands. Tested in test/engine/presses/command.test.ts. */

import { type InputOf, refusalOf } from '../../core/approval/inputs.ts';
import { placeKey } from '../../core/approval/parts/slot.ts';
import type { Pause } from '../../core/approval/pause/pause.ts';
import { directTo } from '../../core/policy/direct-messages.ts';
import type { Stop } from '../../core/policy/operators/stop.ts';
import type { Policy } from '../../core/policy/rules/policy.ts';
import type { RunTarget } from '../../core/policy/run-targets.ts';
import type { Clock, Handlers, Log } from '../../core/ports/ports.ts';
import { canonical } from '../../core/text/canonical.ts';
import type { Command, CommandAnswer } from '../../core/view/command.ts';
import { stoppedText } from '../../core/view/operators/stopped.ts';
import { refusalText } from '../../core/view/refusals.ts';
import { helpText, startedText, unknownRunText, unstartedText } from '../../core/view/run-replies.ts';
import type { Apply } from '../apply.ts';
import type { DeciderNames } from '../background/decider-names.ts';
import type { OperatorCommands } from '../operators/commands.ts';
import { Attempts } from './attempts.ts';

/**
 * Resolves once the start is committed; the platform's acknowledgement follows at once, and the outbox does the rest. The
 * id of a command identifies its run: delivered twice, it starts one.
 * @param options.runPause the pause that represents the start of a run
 */
export function createCommandHandler(options: {
  apply: Apply;
  policy: Policy;
  runPause: (target: RunTarget, key: string) => Pause;
  /** What is not about runs. Default: it is not known. */
  operate?: OperatorCommands;
  /** An operator's stop: no run is started. Default: it runs. */
  stopped?: () => Stop | null;
  /** Who may start it, as it is read on a platform. Default: refusals do not say. */
  deciders?: DeciderNames['of'];
  clock: Clock;
  log: Log;
}): Handlers['onCommand'] {
  const { apply, policy, runPause, operate, stopped, deciders, clock, log } = options;
  const attempts = new Attempts(options);

  return async function onCommand(command) {
    const startedAt = clock.monotonic();
    const { ask, actor, platform } = command;
    const { runs } = policy;
    const startable = runs.all.map(({ name }) => name).filter((name) => runs.right(name, command) === 'allowed');
    const note = (outcome: string, run: string | null) => {
      const ms = Math.round(clock.monotonic() - startedAt);
      log.info({ platform, actor: actor.id, verb: ask.verb, run, outcome, ms }, 'command');
    };
    if (ask.verb === 'help' || ask.verb === 'away' || ask.verb === 'back' || ask.verb === 'standing') {
      note('help', null);
      return reply(helpText(startable));
    }
    if (ask.verb !== 'run') return operate === undefined ? reply(helpText(startable)) : operate(command, ask);
    const target = runs.all.find(({ name }) => name === ask.name);
    if (target === undefined) {
      note('unknown', null);
      return reply(unknownRunText(ask.name, startable));
    }
    const { id, input } = startOf(command, ask.text, target);
    const unstarted = (right: 'denied' | 'unverified') =>
      reply(unstartedText(target.name, right, startable, deciders?.(input, platform)));
    const refusedBefore = attempts.refusedBefore(command.id);
    if (refusedBefore !== null) return unstarted('denied');
    // A refusal is answered first; its audit row joins a later commit. Nothing has changed by then.
    if (input.right !== 'allowed') {
      attempts.record(target.name, id, input, command.id, refusalOf(input.right));
      note(input.right, target.name);
      return unstarted(input.right);
    }
    const stop = stopped?.() ?? null;
    if (stop !== null) {
      attempts.record(target.name, id, input, command.id, 'stopped');
      note('stopped', target.name);
      return reply(stoppedText(stop));
    }
    const changed = await apply(id, input, command.id);
    note(changed.duplicate || changed.ignored !== null ? 'repeated' : 'started', target.name);
    if (!changed.duplicate && changed.ignored === 'stopped') return reply(refusalText('stopped', null));
    // Refused at first, and delivered again after a starter was added: it stays refused.
    if (changed.state === null) return unstarted('denied');
    return startedAnswer(command, target, input);
  };

  function startOf(command: Command, text: string | null, target: RunTarget) {
    const key = `run:${command.id}`;
    const { actor, place } = command;
    const pause = { ...runPause(target, key), room: placeKey(place) };
    const fingerprint = clock.hash(canonical({ tool: pause.tool, text }));
    const right = policy.runs.right(target.name, command);
    const id = clock.hash(`${pause.backend}\n${key}`);
    const input: InputOf<'started'> = {
      type: 'started',
      id,
      pause,
      fingerprint,
      actor,
      text,
      right,
      places: policy.places(pause),
    };
    return { id, input };
  }

  function startedAnswer({ place }: Command, { name }: RunTarget, { places }: InputOf<'started'>): CommandAnswer {
    const rooms = places.filter((one) => directTo(one) === null);
    const here = rooms.filter(({ platform }) => platform === place.platform).map(({ room }) => room);
    const inThisRoom = here.includes(place.room);
    const elsewhere = rooms.map(({ platform }) => platform).filter((platform) => platform !== place.platform);
    return { text: startedText(name, { inThisRoom, rooms: here.length, elsewhere }), rooms: inThisRoom ? [] : here };
  }
}

function reply(text: string): CommandAnswer {
  return { text, rooms: [] };
}
