import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLED_FIXTURES } from '../../src/package.js';
import { type Answer, KEY, sendRaw } from '../helper.js';

/** What a server answered, as far as an explanation foretells it. */
export interface Foretold {
  status: number | undefined;
  message: string | undefined;
}

/** Asks a server over a socket for a target as it stands, with the given key or none. */
export async function askServer(port: number, target: string, method = 'GET', key = ''): Promise<Foretold> {
  const lines = [`${method} ${target} HTTP/1.1`, 'Host: x', `x-api-key: ${key}`, 'Connection: close', '', ''];
  const [answer] = await sendRaw(port, lines.join('\r\n'));
  const { message, status } = ((answer as Answer | undefined)?.body ?? {}) as { message?: string; status?: string };
  return { status: answer?.status, message: message ?? status };
}

/** The rows of the README's table of answers: the target, the key that is presented, and the answer. */
export function readmeRows(): { target: string; key: string; answer: string }[] {
  const readme = readFileSync(join(BUNDLED_FIXTURES, '../README.md'), 'utf8');
  const section = readme.split('\n## See each answer\n')[1]?.split('\n## ')[0] ?? '';
  const rows = [...section.matchAll(/^\| `([^`]+)`[^|]*\|([^|]*)\|([^|]*)\|$/gm)];
  return rows.map(([, target = '', cell = '', answer = '']) => ({
    target: `/har/api/v1/registry/${target}`,
    key: cell.trim() === 'none' ? '' : (/`([^`]+)`/.exec(cell)?.[1] ?? KEY),
    answer: answer.trim(),
  }));
}

/** Writes a target of the API, with its markers. */
export function at(registryRef: string, artifact: string, version: string, query = ''): string {
  return `/har/api/v1/registry/${registryRef}/+/artifact/${artifact}/+/version/${version}/details${query}`;
}
