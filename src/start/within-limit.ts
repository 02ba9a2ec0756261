/** What is slow does not delay the start further. @returns null where it takes longer */
export async function withinLimit<T>(looking: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms);
  });
  return Promise.race([looking, late]).finally(() => clearTimeout(timer));
}
