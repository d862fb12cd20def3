import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Failure, Finding } from '../failure.js';
import { type Answer, send, targetOf } from './ask.js';
import { listAsks, SERVED } from './asks.js';
import { isObjection, startPrism } from './prism.js';

/**
 * Asks a server for all that there is to ask, through Prism; returns how much that is. Throws a Failure for the first answer
 * that Prism objects to, that has another status than is due, or that is not what the server itself answers.
 */
export async function requireNoViolation(url: string, seed: number): Promise<number> {
  const prism = await startPrism(url);
  try {
    const asks = listAsks();
    for (const ask of asks) {
      const [direct, proxied] = [
        await send(url, targetOf(ask), ask.key),
        await send(prism.url, targetOf(ask), ask.key),
      ];
      if (proxied.status === ask.status && proxied.text === direct.text) continue;
      const found = `${proxied.status} ${proxied.text}`;
      const due = `${ask.status}, and Prism to pass on ${direct.text}`;
      throw new Failure(new Finding(due, found), `GET ${targetOf(ask)}`, seed);
    }
    return asks.length;
  } finally {
    await prism.stop();
  }
}

/** A body of a 200 with something wrong in its data. */
const wrongData = (data: object): Answer => ({
  status: 200,
  text: JSON.stringify({ status: 'SUCCESS', data: { version: '1', packageType: 'DOCKER', ...data } }),
});

/** Answers that are not the contract's. */
const WRONG: Record<string, Answer> = {
  'no version': wrongData({ version: undefined }),
  'an unknown package type': wrongData({ packageType: 'DOKCER' }),
  'a count in words': wrongData({ downloadCount: '42' }),
  'a null': wrongData({ size: null }),
  'an unknown status': { status: 200, text: '{"status":"OK","data":{"version":"1","packageType":"GO"}}' },
  'no data': { status: 200, text: '{"status":"SUCCESS"}' },
  'an error without its code': { status: 404, text: '{"message":"Artifact not found"}' },
  'a code that is a number': { status: 401, text: '{"code":401,"message":"unauthorized"}' },
  'details that are a text': { status: 400, text: '{"code":"400","message":"invalid parameter","details":"x"}' },
};

/**
 * Lets Prism see wrong answers, and a wrong request; returns how many. Throws an Error where it objects to one of them not,
 * as it would be worth nothing then.
 */
export async function requireObjections(): Promise<number> {
  let answer = wrongData({});
  const server = createServer((_request, response) => {
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.text);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const prism = await startPrism(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const objects = async (target: string) => isObjection((await send(prism.url, target, SERVED.key)).text);
  const target = targetOf(SERVED);
  try {
    if (await objects(target)) throw new Error('Prism objects to what is right');
    if (!(await objects(`${target}?artifact_type=x`))) throw new Error('Prism does not object to a wrong request');
    for (const [what, wrong] of Object.entries(WRONG)) {
      answer = wrong;
      if (!(await objects(target))) throw new Error(`Prism does not object to ${what}`);
    }
    return Object.keys(WRONG).length + 1;
  } finally {
    await prism.stop();
    server.close();
  }
}
