/** What every store must do. */
import { auditContract } from './audit.ts';
import { namesContract } from './changes/names.ts';
import { transactContract } from './changes/transact.ts';
import { turnsContract } from './changes/turns.ts';
import { commitsContract, runsContract } from './outbox/commits.ts';
import { outboxContract } from './outbox/outbox.ts';
import { roomsContract } from './outbox/rooms.ts';
import { overviewContract } from './overview.ts';
import { pendingContract } from './pending.ts';
import { peopleContract } from './people.ts';
import { queriesContract } from './queries.ts';
import { recordsContract } from './records.ts';
import { retentionContract } from './retention.ts';
import type { OpenStore } from './support.ts';

/** @param name of the store, at the beginning of each title */
export function storeContract(name: string, open: OpenStore): void {
  const contracts = [
    transactContract,
    turnsContract,
    namesContract,
    outboxContract,
    roomsContract,
    commitsContract,
    queriesContract,
    pendingContract,
    retentionContract,
    peopleContract,
    recordsContract,
    runsContract,
    overviewContract,
    auditContract,
  ];
  for (const contract of contracts) contract(name, open);
}
