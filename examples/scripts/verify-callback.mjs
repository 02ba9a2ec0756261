/** The signature check of a callback, in JavaScript: verify(headers, body, secret). Needs nothing but Node. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** headers: names in lower case. body: a Buffer, as it came. secret: whsec_… Returns whether the callback is genuine. */
export function verify(headers, body, secret, now = Date.now() / 1000) {
  const sent = headers['webhook-timestamp'];
  // An old callback may be a repeated one.
  if (!/^\d+$/.test(sent) || Math.abs(now - Number(sent)) > 300) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const wanted = createHmac('sha256', key).update(`${headers['webhook-id']}.${sent}.`).update(body).digest();
  const given = headers['webhook-signature'].split(' ').filter((one) => one.startsWith('v1,'));
  return given.some((one) => {
    const bytes = Buffer.from(one.slice(3), 'base64');
    return bytes.length === wanted.length && timingSafeEqual(bytes, wanted);
  });
}
