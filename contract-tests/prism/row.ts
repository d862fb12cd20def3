import { type Answer, type Call, listCalls, send, targetOf } from '../../fuzz/oracle/calls.js';
import { startService } from '../../fuzz/service.js';
import { packageFile, packageVersion, type Row } from '../row.js';

/** The document says how many components a ref has, so Prism refuses other requests itself. */
const isDocumented = ({ ref }: Call) => ref.split('/').length <= 4;

/** Prism as a proxy answers with an error of its own if a request or an answer violates the document. */
export const prism: Row = {
  tool: 'Prism, as a proxy',
  prepare: () => packageVersion('@stoplight/prism-cli'),
  async run({ url, document }) {
    const flags = ['--errors', '--host', '127.0.0.1', '--port', '0'];
    const program = packageFile('@stoplight/prism-cli', 'dist/index.js');
    const proxy = await startService([program, 'proxy', ...flags, document, url], /is listening on (http:\S+)/);
    const calls = listCalls().filter(isDocumented);
    const failures: string[] = [];
    try {
      for (const call of calls) {
        const target = targetOf(call);
        const direct = await send(url, target, call.key);
        const proxied = await send(proxy.url, target, call.key);
        if (direct.status === call.status && isSame(direct, proxied)) continue;
        failures.push(`GET ${target}\nexpected ${call.status}, got ${proxied.status} ${proxied.text}`);
      }
    } finally {
      await proxy.stop();
    }
    return { checks: calls.length, passed: calls.length - failures.length, output: failures.join('\n') };
  },
};

const isSame = (a: Answer, b: Answer) => a.status === b.status && a.text === b.text;
