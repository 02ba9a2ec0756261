/** Runs through the gateway. */
import type { Case } from '../../contract.ts';
import { heldStream } from './held.ts';
import { largeStream } from './large.ts';
import { manyStreams } from './many.ts';
import { pause } from './pause.ts';

export const streams: readonly Case[] = [pause, largeStream, manyStreams, heldStream];
