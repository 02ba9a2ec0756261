/** Whether the head of an answer can be trusted. Tested in test/backends/shared/http/answer-head.test.ts. */
import { type IncomingMessage, validateHeaderName, validateHeaderValue } from 'node:http';

/**
 * What is wrong with an answer of which Node parsed the head, for text in parentheses; null: nothing. Call it once Node has
 * parsed everything that arrived together with the head.
 * @param isSent whether all of the request is sent
 * @param isClosed whether its connection is closed before the answer is read: Node closes a connection on which something
 * follows an answer
 */
export function faultOf(
  answer: Pick<IncomingMessage, 'statusCode' | 'httpVersion' | 'rawHeaders'>,
  { isSent, isClosed }: { isSent: boolean; isClosed: boolean },
): string | null {
  const { statusCode = 0, httpVersion, rawHeaders } = answer;
  if (statusCode === 101) return SWITCHED;
  if (statusCode < 200 || statusCode > 599) return `its status is ${statusCode}`;
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return `its version is HTTP/${httpVersion}`;
  if (!isFramed(rawHeaders)) return 'its Transfer-Encoding is not chunked';
  if (!rawHeaders.every(isValid)) return 'a header of it is not valid';
  if (isClosed) return 'something follows it that nothing asked for';
  // An early refusal says why the rest is not wanted. Any other answer is not the answer to this request.
  if (!isSent && statusCode < 400) return 'it came before the request had ended';
  return null;
}

export const SWITCHED = 'it switches to another protocol, which was not requested';

function isFramed(rawHeaders: readonly string[]): boolean {
  const codings = rawHeaders.filter(
    (_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'transfer-encoding',
  );
  return codings.length === 0 || (codings.length === 1 && codings[0]?.trim().toLowerCase() === 'chunked');
}

function isValid(text: string, at: number): boolean {
  try {
    if (at % 2 === 0) validateHeaderName(text);
    else validateHeaderValue('x', text);
    return true;
  } catch {
    return false;
  }
}
