/** What `/countersign` does for operators, and for people who link their accounts. Tested in test/engine/operators/commands.test.ts. */
import { noOperators, type Operators } from '../../core/policy/operators/operators.ts';
import { STOP_REASON_MAX } from '../../core/policy/operators/stop.ts';
import type { Log, Store } from '../../core/ports/ports.ts';
import { clip } from '../../core/text/clip.ts';
import type { Ask, Command, CommandAnswer } from '../../core/view/command.ts';
import { notOperatorText, retryAnswer, startAnswer, stopAnswer } from '../../core/view/operators/replies.ts';
import { type OperatorStatus, statusText } from '../../core/view/operators/status-text.ts';
import type { LinkCommands } from './link-commands.ts';
import type { StopSwitch } from './stop.ts';

export interface OperatorCommandsDeps {
  /** Default: there are none. */
  operators?: () => Operators;
  stopSwitch: StopSwitch;
  status: () => Promise<OperatorStatus>;
  links: LinkCommands;
  store: Pick<Store, 'retryDeadLetters'>;
  log: Log;
}

export type OperatorAsk = Exclude<Ask, { verb: 'run' | 'help' | 'away' | 'back' | 'standing' }>;
export type OperatorCommands = (command: Command, ask: OperatorAsk) => Promise<CommandAnswer>;

/** Resolves once what it says is committed. @throws StoreError when nothing was recorded */
export function createOperatorCommands(deps: OperatorCommandsDeps): OperatorCommands {
  const { operators = () => noOperators, stopSwitch, links, store, log } = deps;

  return async (command, ask) => {
    if (ask.verb === 'link' || ask.verb === 'confirm' || ask.verb === 'unlink') return links(command, ask);
    const { actor, platform } = command;
    const known = operators();
    const right = known.right(command);
    const note = (outcome: string) =>
      log.info({ verb: ask.verb, platform, actor: actor.id, outcome }, 'operator command');
    if (right !== 'allowed') {
      note(right);
      return reply(notOperatorText(right, known));
    }
    note('allowed');
    switch (ask.verb) {
      case 'stop': {
        const reason = ask.reason === null ? null : clip(ask.reason, STOP_REASON_MAX);
        const { stop, isNew } = await stopSwitch.stop(actor, reason);
        return reply(stopAnswer(stop, isNew));
      }
      case 'start':
        return reply(startAnswer(await stopSwitch.start(actor)));
      case 'status':
        return statusAnswer(await deps.status());
      case 'retry': {
        const count = await store.retryDeadLetters(null);
        log.info({ actor: actor.id, count }, 'an operator retries dead letters');
        return reply(retryAnswer(count));
      }
    }
  };
}

function statusAnswer(status: OperatorStatus): CommandAnswer {
  const retry = { label: 'Retry', typed: 'retry' };
  return { text: statusText(status), rooms: [], ...(status.deadCards > 0 && { buttons: [retry] }) };
}

function reply(text: string): CommandAnswer {
  return { text, rooms: [] };
}
