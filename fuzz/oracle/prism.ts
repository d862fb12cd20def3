import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Failure, Finding } from '../failure.js';
import { findPackageFile, ROOT } from '../files.js';
import { type Service, startService } from '../service.js';
import { type Answer, FOUND, listCalls, send, targetOf } from './calls.js';

/**
 * Starts Prism as a proxy: it forwards the server's answer, or an error if the request or the answer violates the
 * project's OpenAPI document. Throws an Error if it is not installed or does not start.
 */
function startPrism(upstream: string): Promise<Service> {
  const script = findPackageFile('@stoplight/prism-cli', 'dist/index.js');
  const flags = ['--errors', '--host', '127.0.0.1', '--port', '0'];
  return startService([script, 'proxy', ...flags, join(ROOT, 'openapi.yaml'), upstream], /is listening on (http:\S+)/);
}

/** Whether an answer is an error of Prism itself. */
const isViolation = ({ text }: Answer): boolean => text.includes('https://stoplight.io/prism/errors#');

/**
 * Makes all calls to a server through Prism; returns their number. Throws a Failure for the first answer that Prism
 * refuses, that has another status than expected, or that differs from what the server itself answers.
 */
export async function checkThroughPrism(url: string, seed: number): Promise<number> {
  const prism = await startPrism(url);
  try {
    const calls = listCalls();
    for (const call of calls) {
      const target = targetOf(call);
      const direct = await send(url, target, call.key);
      const { status, text } = await send(prism.url, target, call.key);
      if (status === call.status && text === direct.text) continue;
      const finding = new Finding(`${call.status} ${direct.text} through Prism`, `${status} ${text}`);
      throw new Failure(finding, `GET ${target}`, seed);
    }
    return calls.length;
  } finally {
    await prism.stop();
  }
}

/** A 200 with something wrong in its data. */
const wrongData = (data: object): Answer => ({
  status: 200,
  text: JSON.stringify({ status: 'SUCCESS', data: { version: '1', packageType: 'DOCKER', ...data } }),
});

/** Answers that violate the contract. */
const WRONG: Record<string, Answer> = {
  'no version': wrongData({ version: undefined }),
  'an unknown package type': wrongData({ packageType: 'DOKCER' }),
  'a count that is a string': wrongData({ downloadCount: '42' }),
  'a null': wrongData({ size: null }),
  'an unknown status': { status: 200, text: '{"status":"OK","data":{"version":"1","packageType":"GO"}}' },
  'no data': { status: 200, text: '{"status":"SUCCESS"}' },
  'an error without its code': { status: 404, text: '{"message":"Artifact not found"}' },
  'a code that is a number': { status: 401, text: '{"code":401,"message":"unauthorized"}' },
  'details that are a string': { status: 400, text: '{"code":"400","message":"invalid parameter","details":"x"}' },
};

/** Checks that Prism refuses wrong answers and a wrong request; returns their number. Throws an Error if it does not. */
export async function checkPrism(): Promise<number> {
  let answer = wrongData({});
  const server = createServer((_request, response) => {
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.text);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const prism = await startPrism(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const refuses = async (target: string) => isViolation(await send(prism.url, target, FOUND.key));
  const target = targetOf(FOUND);
  try {
    if (await refuses(target)) throw new Error('Prism refuses a valid answer');
    if (!(await refuses(`${target}?artifact_type=x`))) throw new Error('Prism accepts a wrong request');
    for (const [name, wrong] of Object.entries(WRONG)) {
      answer = wrong;
      if (!(await refuses(target))) throw new Error(`Prism accepts ${name}`);
    }
    return Object.keys(WRONG).length + 1;
  } finally {
    await prism.stop();
    server.close();
  }
}
