/** Every case of `npm run bench`, in the order of the table in docs/performance.md. */
import type { Case } from '../contract.ts';
import { growth } from './growth/index.ts';
import { intakes } from './intake/index.ts';
import { payloads } from './payloads/case.ts';
import { slackHttp } from './presses/slack-http.ts';
import { discordGateway, slackSockets } from './presses/sockets.ts';
import { processes } from './process/index.ts';
import { replicas } from './replicas/index.ts';
import { streams } from './streams/index.ts';

export const cases: readonly Case[] = [
  slackHttp,
  slackSockets,
  discordGateway,
  ...streams,
  ...intakes,
  ...processes,
  ...growth,
  ...replicas,
  payloads,
];
