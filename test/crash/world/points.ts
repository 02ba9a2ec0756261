import { type FailPoint, failPoints } from '../../../src/core/ports/fail-points.ts';

/** Only a process that starts comes by these. */
export function isStartPoint(point: FailPoint): boolean {
  return isMigration(point) || point.startsWith('recovery.');
}

/** Only a process that makes a database comes by these. */
export function isMigration(point: FailPoint): boolean {
  return point.startsWith('migration.');
}

export const runningPoints = failPoints.filter((point) => !isStartPoint(point));
