/** Discord's epoch in milliseconds since 1970. */
const EPOCH = 1_420_070_400_000;
const TIME_SHIFT = 22n;
/** A worker number, so that ids look like Discord's. */
const WORKER = 5n << 17n;

/** The id that Discord would give something made at `time` (milliseconds since 1970), `count` places into that millisecond. */
export function snowflakeAt(time: number, count = 0): string {
  return ((BigInt(time - EPOCH) << TIME_SHIFT) | WORKER | BigInt(count)).toString();
}

/** When the thing with this id was made, in milliseconds since 1970. */
export function timeOf(snowflake: string): number {
  return Number(BigInt(snowflake) >> TIME_SHIFT) + EPOCH;
}

/** Ids that always increase, even if the clock does not. */
export function createSnowflakes(): () => string {
  let last = 0n;
  return () => {
    const now = BigInt(snowflakeAt(Date.now()));
    last = now > last ? now : last + 1n;
    return last.toString();
  };
}
