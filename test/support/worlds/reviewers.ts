/** Who may decide in a bot without a policy file. */
import { type Persona, personaOf } from '../../../src/sandbox/page/personas.ts';

const reviewers = [personaOf('dana'), personaOf('sam')];

const accountsOf = ({ slackId, discordId }: Pick<Persona, 'slackId' | 'discordId'>) => [
  `slack:${slackId}`,
  `discord:${discordId}`,
];

/** For `REVIEWERS`: Dana and Sam, on both platforms. */
export const reviewerSetting = (): string => reviewers.flatMap(accountsOf).join();

/** For `RUN_STARTERS`: the same people, for every run. */
export const starterSetting = (): string => `*=${reviewers.flatMap(accountsOf).join('|')}`;
