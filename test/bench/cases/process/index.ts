/** The process itself: its start, and its memory. */
import type { Case } from '../../contract.ts';
import { memory } from './memory.ts';
import { start } from './start.ts';

export const processes: readonly Case[] = [start, memory];
