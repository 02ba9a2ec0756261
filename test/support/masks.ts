import { MASK } from '../../src/core/mask/mask.ts';

/** Without what a mask says of what it hides. */
export const bare = <T>(value: T): T =>
  JSON.parse(
    JSON.stringify(value).replace(/•{6}(?: [\d,]+ characters?(?:, \d+ lines)?| redacted| \d{4}(?!\d))/g, MASK),
  );
