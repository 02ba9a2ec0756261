/** View, send, embed, attach, read history, use commands, make threads, write in them. */
export const PERMISSIONS = [10n, 11n, 14n, 15n, 16n, 31n, 35n, 38n]
  .reduce((all, bit) => all | (1n << bit), 0n)
  .toString();
