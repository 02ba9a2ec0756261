import type { IncomingMessage } from 'node:http';
import type { UploadedFile } from '../guild/messages.ts';
import type { Json } from '../types.ts';
import { isJson } from '../wire/json.ts';
import { refuse } from './refusal.ts';

export interface RequestBody {
  body: Json;
  list: unknown[];
  files: UploadedFile[];
  /** For the journal: null when there was none. */
  shown: Json | null;
}

const none: RequestBody = { body: {}, list: [], files: [], shown: null };

export async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/**
 * Parses JSON, or a multipart form with `payload_json` and files.
 * @throws Refusal 50109 for anything else
 */
export async function parseBody(bytes: Buffer, contentType: string): Promise<RequestBody> {
  if (bytes.length === 0) return none;
  if (contentType.startsWith('multipart/form-data')) return parseForm(bytes, contentType);
  return fromText(bytes.toString('utf8'), []);
}

async function parseForm(bytes: Buffer, contentType: string): Promise<RequestBody> {
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType } })
    .formData()
    .catch(() => {
      throw refuse(50109);
    });
  const files: UploadedFile[] = [];
  for (const [, value] of form) {
    if (typeof value === 'string') continue;
    const content = Buffer.from(await value.arrayBuffer());
    files.push({ filename: value.name, contentType: value.type || 'application/octet-stream', bytes: content });
  }
  const payload = form.get('payload_json');
  return fromText(typeof payload === 'string' ? payload : '{}', files);
}

function fromText(text: string, files: UploadedFile[]): RequestBody {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse(50109);
  }
  if (Array.isArray(value)) return { body: {}, list: value, files, shown: { list: value } };
  if (!isJson(value)) throw refuse(50109);
  return { body: value, list: [], files, shown: value };
}
