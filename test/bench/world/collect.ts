/**
 * Loaded into a measured process with `--expose-gc`: a signal makes it return the memory that it does not need. The last
 * collection also returns the pages that V8 keeps for itself: as many as its heap once had, in use or not.
 */
let times = 0;

process.on('SIGUSR2', () => {
  void (async () => {
    globalThis.gc?.();
    // What has been finalized goes with the next one.
    await new Promise((resolve) => setTimeout(resolve, 40));
    globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    times += 1;
    console.log(`collected ${times}`);
  })();
});
