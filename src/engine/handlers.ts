/** What people's presses and commands do, wired. Tested in test/engine/engine.test.ts. */
import type { Actor } from '../core/approval/parts/decision.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { Backend, Handlers } from '../core/ports/ports.ts';
import type { HomeTabsWorker } from './background/home-tabs.ts';
import type { ListReader } from './background/list-reader.ts';
import type { Names } from './background/names.ts';
import type { Records } from './background/records.ts';
import type { Shared } from './contract.ts';
import type { Foreground } from './foreground.ts';
import type { Tracing } from './observe/measure/tracing.ts';
import type { Absences } from './operators/absences.ts';
import type { OperatorCommands } from './operators/commands.ts';
import { createForeignPress } from './presses/attempts.ts';
import { createFormGone } from './presses/claims.ts';
import { createCommandHandler } from './presses/command.ts';
import { createPendingLists } from './presses/pending.ts';
import { createPressRouter } from './presses/router.ts';
import { createGrantCommands } from './presses/standing/grant-commands.ts';

export function createHandlers({
  settings: { forms, readFirst, reveal },
  backends,
  lists: reader,
  homeTabs,
  names,
  absences,
  foreground,
  records,
  ...shared
}: Shared & {
  foreground: Foreground;
  absences: Absences;
  backends: readonly Backend[];
  lists: ListReader;
  homeTabs: HomeTabsWorker;
  names: Names;
  records: Pick<Records, 'refresh'>;
  metrics: Metrics;
  tracing: Tracing | undefined;
  operate: OperatorCommands;
}): Handlers {
  /** By the best name, and as the person whom the policy knows. */
  const known = (actor: Actor) => shared.policy.identify(names.named(actor));
  const lists = createPendingLists({ ...shared, lists: reader, homeTabs });
  const starter = backends.find(({ runPause }) => runPause !== undefined);
  const onPress = createPressRouter({ ...shared, lists, forms, readFirst, reveal });
  const onCommand = createCommandHandler({ ...shared, runPause: starter?.runPause ?? notStartable });
  const onStanding = createGrantCommands({ ...shared, ...shared.standing });
  return {
    // A link or an absence that another replica has just recorded counts for who this is, and for what they may.
    onPress: (press) =>
      foreground.press(async () => {
        await records.refresh();
        return onPress({ ...press, actor: known(press.actor) });
      }),
    ...createFormGone(shared),
    onForeignPress: createForeignPress(shared),
    onList: lists.onList,
    onHome: lists.onHome,
    async onCommand(typed) {
      await records.refresh();
      const command = { ...typed, actor: known(typed.actor) };
      const { ask } = command;
      if (ask.verb === 'standing') return onStanding(command, ask);
      return ask.verb === 'away' || ask.verb === 'back' ? absences.onCommand(command) : onCommand(command);
    },
  };
}

function notStartable(): never {
  throw new Error('None of the backends can start a run.');
}
