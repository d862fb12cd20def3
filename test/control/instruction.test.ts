import t from 'tap';
import { checkInstruction } from '../../src/control/instruction.js';

t.test('takes what fits', async (t) => {
  for (const instruction of [
    { fault: { code: 503 } },
    { fault: { delay: { min: 1, max: 2 }, network: 'reset' }, times: 1_000_000, percentage: 0.1 },
    { sequence: [{ code: 500 }, 'pass', { status: 'FAILURE' }], match: { ref: '*', method: 'HEAD', session: 'a b' } },
    { fault: { code: 503 }, match: { ref: 'acme/*', artifact: '+', version: 'v1/+' } },
    { fault: { code: 503 }, match: { artifact: 'lib\n/c++' } },
  ]) {
    t.equal(checkInstruction(instruction), instruction);
  }
});

t.test('refuses what does not fit, and names the field', async (t) => {
  const steps = '1 to 1000 faults, one a request; "pass" lets a request pass';
  const star = '* stands for any text, slashes included';
  const unmarked = `decoded, the marker /+ left out; ${star}`;
  const step = '"pass" or a fault, as a mapping with at least one of code, status, delay, network';
  const rows: [unknown, string][] = [
    [undefined, 'found nothing, expected what to match, a fault or a sequence, and how often, as a mapping'],
    [[], 'found a list, expected what to match, a fault or a sequence, and how often, as a mapping'],
    [{}, 'found none or both of fault and sequence, expected one of them'],
    [{ fault: { code: 500 }, sequence: ['pass'] }, 'found none or both of fault and sequence, expected one of them'],
    [{ falt: {} }, 'falt: unknown key "falt"; did you mean "fault"?'],
    [{ fault: { code: 200 } }, 'fault.code: found 200, expected the HTTP status of an error answer, from 400 to 599'],
    [
      { fault: {} },
      'fault: found a mapping, expected a fault, as a mapping with at least one of code, status, delay, network',
    ],
    [
      { fault: { code: 500, network: 'reset' } },
      'fault: has more than one of code, status and network; a fault ends in one way',
    ],
    [{ sequence: [] }, `sequence: found a list, expected a list of ${steps}`],
    [
      { sequence: ['pass'], times: 1 },
      'sequence: goes without times and percentage: each of its steps hits one request',
    ],
    [
      { sequence: ['pass'], percentage: 1 },
      'sequence: goes without times and percentage: each of its steps hits one request',
    ],
    [
      { sequence: ['pass', { code: 500, status: 'ERROR' }] },
      'sequence[1]: has more than one of code, status and network; a fault ends in one way',
    ],
    [{ sequence: [500, 500, 'pass'] }, `sequence[0]: found 500, expected ${step}`],
    [{ sequence: ['pass', 'pas'] }, `sequence[1]: found "pas", expected ${step}; did you mean "pass"?`],
    [{ sequence: [null] }, `sequence[0]: found null, expected ${step}`],
    [{ sequence: [{}] }, `sequence[0]: found a mapping, expected ${step}`],
    [{ sequence: [{ cod: 1 }] }, 'sequence[0].cod: unknown key "cod"; did you mean "code"?'],
    [
      { sequence: [{ code: 500 }, { code: 1 }] },
      'sequence[1].code: found 1, expected the HTTP status of an error answer, from 400 to 599',
    ],
    [
      { fault: { code: 500 }, times: 0 },
      'times: found 0, expected how many requests it hits, from 1 to 1000000; all unless given',
    ],
    [
      { fault: { code: 500 }, percentage: 0 },
      'percentage: found 0, expected how many of a hundred requests it hits, above 0 up to 100',
    ],
    [{ fault: { code: 500 }, match: { method: 'POST' } }, 'match.method: found "POST", expected one of GET, HEAD'],
    [
      { fault: { code: 500 }, match: { session: 'a,b' } },
      'match.session: found "a,b", expected the name of a session, 1 to 100 printable ASCII characters without a comma',
    ],
    [
      { fault: { code: 500 }, match: { ref: 7 } },
      `match.ref: found 7, expected a glob over the registry_ref, ${unmarked}`,
    ],
    [
      { fault: { code: 500 }, match: { ref: 'acme/*/+' } },
      `match.ref: found "acme/*/+", expected a glob over the registry_ref, ${unmarked}`,
    ],
    [
      { fault: { code: 500 }, match: { artifact: 'library/nginx/+' } },
      `match.artifact: found "library/nginx/+", expected a glob over the artifact's name, ${unmarked}`,
    ],
    [
      { fault: { code: 500 }, match: { version: '' } },
      `match.version: found "", expected a glob over the version's name, decoded; ${star}`,
    ],
    [
      { fault: { code: 500 }, match: { registry: '*' } },
      'match.registry: unknown key "registry"; expected one of ref, artifact, version, key, session, method',
    ],
  ];
  for (const [instruction, message] of rows) {
    t.throws(() => checkInstruction(instruction), { message }, JSON.stringify(instruction));
  }
});
