import type { ReplicaReport } from '../../../core/ports/store/fleet.ts';
import type { Rows } from '../rows.ts';

/**
 * All that work, and those that do not answer while no one has taken over their work. Tested in
 * test/store/postgres/health/report.test.ts.
 */
const readReplicas = `
  SELECT id, name, version, fingerprint, started_at, (extract(epoch FROM clock_timestamp()) * 1000)::bigint - beat_at AS age
  FROM replicas
  WHERE state = 'working'
  ORDER BY name, started_at`;

interface Row {
  id: string;
  name: string;
  version: string;
  fingerprint: string;
  started_at: number;
  age: number;
}

/** @param deadMs after so long without a beat, others take over its work */
export async function replicasOf(rows: Rows, deadMs: number): Promise<readonly ReplicaReport[]> {
  const found = await rows<Row>(readReplicas);
  return found.map(({ id, name, version, fingerprint, started_at: startedAt, age }) => {
    return { id, name, version, fingerprint, startedAt, beatAgeMs: Math.max(0, age), isAlive: age < deadMs };
  });
}
