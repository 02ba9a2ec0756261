/** Loaded into a measured process with `--expose-gc`: a signal makes it return the memory that it does not need. */
process.on('SIGUSR2', () => {
  void (async () => {
    for (let times = 0; times < 4; times += 1) {
      globalThis.gc?.();
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  })();
});
