/** The store that replicas share, beside the file of one process. */
import type { Case } from '../../contract.ts';
import { sharedClaim } from './claim.ts';
import { commits } from './commits.ts';

export const replicas: readonly Case[] = [commits, sharedClaim];
