import type { Mutations } from '../mutation.ts';
import { callMutations } from './calls.ts';
import { discordMutations } from './discord.ts';
import { diskMutations } from './disk.ts';
import { operatorMutations } from './doors/operators.ts';
import { foreignPressMutations } from './doors/presses.ts';
import { resourceMutations } from './doors/resources.ts';
import { machineMutations } from './doors/this-machine.ts';
import { gatewayMutations } from './gateway.ts';
import { fileMutations } from './policy/file.ts';
import { grantMutations } from './policy/grants.ts';
import { peopleMutations } from './policy/people.ts';
import { rightMutations } from './policy/rights.ts';
import { scheduleMutations } from './policy/schedules.ts';
import { signingMutations } from './policy/signing.ts';
import { standingMutations } from './policy/standing.ts';
import { stopMutations } from './policy/stop.ts';
import { timeMutations } from './policy/times.ts';
import { pressMutations } from './presses.ts';
import { processMutations } from './process.ts';
import { readingMutations } from './reading.ts';
import { roomMutations } from './rooms.ts';
import { slackMutations } from './slack.ts';
import { replicaMutations } from './store/replicas.ts';
import { streamMutations } from './streams.ts';
import { websiteMutations } from './websites.ts';

/** The safeguards behind what is promised. Without one of them, its test fails. */
export const mutations: Mutations = {
  ...streamMutations,
  ...diskMutations,
  ...slackMutations,
  ...roomMutations,
  ...discordMutations,
  ...pressMutations,
  ...callMutations,
  ...processMutations,
  ...readingMutations,
  ...websiteMutations,
  ...gatewayMutations,
  ...machineMutations,
  ...resourceMutations,
  ...foreignPressMutations,
  ...operatorMutations,
  ...timeMutations,
  ...signingMutations,
  ...rightMutations,
  ...stopMutations,
  ...peopleMutations,
  ...scheduleMutations,
  ...standingMutations,
  ...grantMutations,
  ...fileMutations,
  ...replicaMutations,
};
