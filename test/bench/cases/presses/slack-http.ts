/** Signed presses over HTTP. */
import { join } from 'node:path';
import type { Bench, Case, Server, Subject } from '../../contract.ts';
import { copiesOf, createCards } from './cards.ts';
import { measurePresses, pressesOf, pressMetrics } from './phases.ts';
import { RECORDED } from './servers/claims.ts';
import { checkRecorded } from './settled.ts';
import { createSender, signedPresses } from './signed-requests.ts';

const EVENTS = '/slack/events';

const product: Subject = {
  name: 'Countersign',
  kind: 'product',
  async measure(bench) {
    const count = pressesOf(bench);
    const cards = await createCards(bench, { platform: 'slack', count, http: true });
    const requests = await signedPresses(cards.emulators.slack, cards.buttons);
    const server = await cards.startProduct();
    const send = createSender(server.port, EVENTS);
    const press = (index: number) => send(requests[index] as (typeof requests)[number]);
    const figures = await measurePresses({ bench, server, press, idle: cards.idle });
    cards.check(count);
    return figures;
  },
};

interface Slack {
  url: string;
  botToken: string;
  signingSecret: string;
}

/** @param path of its receiver  @param file where it records decisions; null: it records none */
function serverSubject(
  { path = '/', ...named }: Pick<Subject, 'name' | 'kind' | 'quick'> & { path?: string },
  start: (bench: Bench, slack: Slack, file: string) => Promise<Server>,
  records: boolean,
): Subject {
  return {
    ...named,
    async measure(bench) {
      const count = pressesOf(bench);
      const { emulators, buttons, idle } = await createCards(bench, { platform: 'slack', count: 1, http: true });
      const [button] = buttons;
      if (button === undefined) throw new Error('there is no card');
      const requests = await signedPresses(emulators.slack, copiesOf(button, count));
      const file = join(bench.folder, 'claims.db');
      const server = await start(bench, emulators.slack, file);
      const send = createSender(server.port, path);
      const press = (index: number) => send(requests[index] as (typeof requests)[number]);
      const figures = await measurePresses({ bench, server, press, idle });
      if (records) checkRecorded(file, RECORDED, count);
      return figures;
    },
  };
}

const script = (name: string) => `test/bench/cases/presses/servers/${name}.ts`;

export const slackHttp: Case = {
  name: 'press-http',
  title: 'A signed press on Slack over HTTP',
  metrics: pressMetrics(
    [
      { against: 'own receiver, group commit', limit: 1.6 },
      { against: 'Chat SDK, SQLite', limit: 1 },
    ],
    [
      { against: 'own receiver, group commit', limit: 0.5 },
      { against: 'Chat SDK, SQLite', limit: 2 },
    ],
  ),
  subjects: [
    product,
    serverSubject(
      { name: 'own receiver, group commit', kind: 'floor' },
      (bench, { signingSecret }, file) => bench.startServer(script('own-receiver'), { args: [file, signingSecret] }),
      true,
    ),
    serverSubject(
      { name: 'bolt, no-op', kind: 'floor', path: EVENTS, quick: false },
      (bench, { url, botToken, signingSecret }) =>
        bench.startServer(script('bolt-http'), { args: [url, botToken, signingSecret] }),
      false,
    ),
    serverSubject(
      { name: 'Chat SDK, SQLite', kind: 'peer' },
      (bench, { url, botToken, signingSecret }, file) =>
        bench.startServer(script('chat-sdk'), { args: [url, botToken, signingSecret, file, `${file}.state`] }),
      true,
    ),
  ],
};
