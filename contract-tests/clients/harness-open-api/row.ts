import { join } from 'node:path';
import { FOUND } from '../../../fuzz/oracle/calls.js';
import { preparePython, pythonProgram } from '../../python.js';
import type { Case } from '../cases.js';
import { toRow } from '../client.js';

const isFound = ({ call }: Case) => call.status === 200;

/** The vendor's Python package. Its two defects are expected, so that a release without them is noticed. */
export const harnessOpenApi = toRow({
  tool: 'harness-open-api (Python)',
  needs: ['python3'],
  prepare: () => preparePython('harness-open-api'),
  build: async () => [pythonProgram('python'), join(__dirname, 'program.py')],
  spelling: 'encoded',
  truncated: { report: { exception: 'ProtocolError' } },
  html: { report: { exception: 'JSONDecodeError' } },
  tooManyRequests: { attempts: 4 },
  unavailable: { asked: 1 },
  adapt: (cases) => [
    // With the option _preload_content=False, a 200 can be read.
    ...cases.map((each) => (isFound(each) ? { ...each, options: { raw: true } } : each)),
    // Without it, no 200 can: it looks for its discriminator by the Python name.
    ...cases
      .filter((each) => isFound(each) && each.rule === undefined)
      .map((each) => ({ ...each, name: `${each.name}, decoded`, report: { exception: "KeyError: 'package_type'" } })),
    // It takes the account from the part of the key after the first dot.
    {
      name: 'a key without a dot',
      call: { ...FOUND, key: 'local' },
      report: { exception: 'IndexError' },
      attempts: 0,
    },
  ],
});
