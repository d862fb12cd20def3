import t from 'tap';
import { ApiError } from '../../src/http/errors.js';
import { readPrefer } from '../../src/http/prefer.js';

t.test('reads what a request prefers', async (t) => {
  const rows: [header: string, fault: object | undefined, applied?: string][] = [
    ['code=503', { code: 503 }, 'code=503'],
    ['Code = "503"', { code: 503 }, 'code=503'],
    ['delay=250,code=404', { delay: 250, code: 404 }, 'delay=250, code=404'],
    ['delay=100-500', { delay: { min: 100, max: 500 } }, 'delay=100-500'],
    ['delay=7-7; x', { delay: 7 }, 'delay=7-7'],
    ['fault=reset', { network: 'reset' }, 'fault=reset'],
    ['status=ERROR', { status: 'ERROR' }, 'status=ERROR'],
    ['respond-async, wait=10', undefined],
    ['__proto__=1, toString=2', undefined],
    ['', undefined],
    [',,=,', undefined],
    ['wait=10, code=500', { code: 500 }, 'code=500'],
    ['code=503, code=500', { code: 503 }, 'code=503'],
    ['note="a, code=503"', undefined],
    ['note="a,code=503, b", code=404', { code: 404 }, 'code=404'],
    ['code=503, note="', { code: 503 }, 'code=503'],
  ];
  for (const [header, fault, applied] of rows) {
    t.strictSame(readPrefer(header), fault && { fault, applied }, header);
  }
});

t.test('says what is wrong with a preference', async (t) => {
  const delay = 'delay must be milliseconds up to 600000, such as 250, or a range such as 100-500';
  const rows: [header: string, value: string, reason: string][] = [
    ['code=200', 'code=200', 'code must be a status from 400 to 599'],
    ['code=', 'code=', 'code must be a status from 400 to 599'],
    ['code=5e2', 'code=5e2', 'code must be a status from 400 to 599'],
    ['delay=600001', 'delay=600001', delay],
    ['delay=1-2-3', 'delay=1-2-3', delay],
    ['delay=1-', 'delay=1-', delay],
    ['delay=-1', 'delay=-1', delay],
    ['fault=rest', 'fault=rest', 'fault must be one of reset, empty, truncated, garbage, stall'],
    ['status=SUCCESS', 'status=SUCCESS', 'status must be one of FAILURE, ERROR'],
    ['delay=2-1', 'delay=2-1', 'has a delay whose min is above its max'],
    [
      'code=500, fault=reset',
      'code=500, fault=reset',
      'has more than one of code, status and network; a fault ends in one way',
    ],
  ];
  for (const [header, value, reason] of rows) {
    try {
      t.fail(`${header} is taken as ${JSON.stringify(readPrefer(header))}`);
    } catch (error) {
      t.ok(error instanceof ApiError);
      const details = { field: 'Prefer', value, reason };
      t.strictSame((error as ApiError).envelope, { code: '400', message: 'invalid parameter', details }, header);
    }
  }
});
