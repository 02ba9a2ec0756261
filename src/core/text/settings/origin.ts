/** Addresses without a path. Tested in test/core/text/settings/setting.test.ts. */

/** What was probably meant; null where nothing is near. */
export function originIn(value: string): string | null {
  const isHttp = /^https?:\/\//i.test(value);
  const whole = isHttp ? value : `https://${value}`;
  if ((!isHttp && value.includes('://')) || /\s/.test(value) || !URL.canParse(whole)) return null;
  const { origin: found, hostname, username } = new URL(whole);
  return username === '' && (hostname.includes('.') || hostname === 'localhost') ? found : null;
}

export function isOrigin(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '' && url.hash === '';
}
