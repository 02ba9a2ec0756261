/** What every program that a test starts gets of our environment: where the code is kept that was compiled already. */
const folder = process.env['NODE_COMPILE_CACHE'];

export const compiled: Record<string, string> = folder === undefined ? {} : { NODE_COMPILE_CACHE: folder };
