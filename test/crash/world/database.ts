/** Where the bot's store is: a file, or a database that its replicas share over lines that can fail. */
import { join } from 'node:path';
import type { CuttingProxy } from '../../support/network/cutting-proxy.ts';

export const storeNames = ['sqlite', 'postgres'] as const;
export type StoreName = (typeof storeNames)[number];

export interface Database {
  /** As a bot beside the database would be given it. */
  url: string;
  /** One replica's own line to it; null: a file needs none. */
  line(): Promise<{ url: string; proxy: CuttingProxy } | null>;
  /** The server ends the sessions of all replicas. @returns how many */
  endSessions(): Promise<number>;
  close(): Promise<void>;
}

/** @param folder of the world, for a file */
export async function databaseOf(store: StoreName, folder: string): Promise<Database> {
  if (store === 'postgres') throw new Error('there is no store on PostgreSQL yet');
  return {
    url: `file:${join(folder, 'countersign.db')}`,
    line: async () => null,
    endSessions: async () => 0,
    close: async () => {},
  };
}
