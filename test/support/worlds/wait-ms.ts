/**
 * How long a test waits for what must come, ms: far longer than any healthy step takes, also where eight programs share two
 * cores. With a mutation it mostly never comes, and a few hundred of them are waited for one after another.
 */
export const WAIT_MS = process.env['MUTATION'] === undefined ? 30_000 : 10_000;
