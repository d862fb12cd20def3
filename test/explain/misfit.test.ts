import t from 'tap';
import { findMisfit, isMisfit, type Misfit } from '../../src/explain/misfit.js';
import { REASONS } from '../../src/reason.js';
import { NGINX } from '../helper.js';

const API = '/har/api/v1/registry';
const SHAPE =
  'the path of the API is /har/api/v1/registry/{registry_ref}/artifact/{artifact}/version/{version}/details';

t.test('finds the mistake without which a target would be of the API', async (t) => {
  const rows: [target: string, reason: Misfit['reason'], corrected: string | undefined][] = [
    [
      `${API}/acme/pypi/artifact/x/version/1/details`,
      'markerMissing',
      `${API}/acme/pypi/+/artifact/x/version/1/details`,
    ],
    [
      `${API}/acme/pypi/artifact/x/version/1/details?a=b`,
      'markerMissing',
      `${API}/acme/pypi/+/artifact/x/version/1/details?a=b`,
    ],
    [
      `${API}/a/b/+/artifact/my/app/version/1/details`,
      'markerMissing',
      `${API}/a/b/+/artifact/my/app/+/version/1/details`,
    ],
    [
      `${API}/a/b/artifact/my/app/version/1/details`,
      'markerMissing',
      `${API}/a/b/+/artifact/my/app/+/version/1/details`,
    ],
    [`${API}/a/b+/artifact/x/version/1/details`, 'markerMissing', `${API}/a/b/+/artifact/x/version/1/details`],
    [`/${NGINX}`, 'doubleSlash', NGINX],
    [NGINX.replace('/version/', '//version//'), 'doubleSlash', NGINX],
    [`${NGINX}/`, 'trailingSlash', NGINX],
    [`${NGINX}//?x`, 'trailingSlash', `${NGINX}?x`],
    [NGINX.replace('/details', '/Details'), 'wrongCase', NGINX],
    [NGINX.replace('/har/', '/HAR/'), 'wrongCase', NGINX],
    [`${NGINX}#x`, 'fragment', NGINX],
    [`${NGINX}%23x`, 'fragment', NGINX],
    [`${NGINX}%3Fx=1`, 'encodedRoute', `${NGINX}?x=1`],
    [NGINX.replace('/artifact/', '/%61rtifact/'), 'encodedRoute', NGINX],
    [NGINX.replace('/details', ''), 'tailMissing', NGINX],
    [`${API}/a/b/+`, 'tailMissing', undefined],
    [`${API}/a/b/+/artifact/x`, 'tailMissing', undefined],
    [`${NGINX}/x`, 'tailMissing', undefined],
    [`${API}/a/b/+/artefact/x/version/1/details`, 'unknownRoute', undefined],
    [`/gateway/gateway${NGINX}`, 'unknownRoute', undefined],
    [NGINX.replace('/v1/', '/v2/'), 'unknownRoute', undefined],
    ['/', 'unknownRoute', undefined],
    ['', 'unknownRoute', undefined],
    ['*', 'unknownRoute', undefined],
    ['/%ZZ', 'unknownRoute', undefined],
    [NGINX, 'unknownRoute', undefined],
    [`http://h${NGINX}/`, 'trailingSlash', NGINX],
  ];
  for (const [target, reason, corrected] of rows) {
    const misfit = findMisfit(target);
    t.equal(misfit.reason, reason, target);
    t.equal(misfit.corrected, corrected, target);
    if (reason === 'unknownRoute') t.equal(misfit.advice, SHAPE);
  }
});

t.test('names more than one mistake where it takes more than one', async (t) => {
  t.strictSame(findMisfit(`/har/api/v1/Registry/acme/pypi/artifact/x/version/1/details/`), {
    reason: 'wrongCase',
    advice:
      'the fixed words of the path are in lower case; nothing follows details; the registry_ref holds slashes and must end in /+',
    corrected: `${API}/acme/pypi/+/artifact/x/version/1/details`,
  });
});

t.test('says which name lacks its marker', async (t) => {
  const rows: [target: string, advice: string][] = [
    [`${API}/a/b/artifact/c/version/1/details`, 'the registry_ref holds slashes and must end in /+'],
    [`${API}/a/b/+/artifact/c/d/version/1/details`, 'the artifact holds slashes and must end in /+'],
    [
      `${API}/a/b/artifact/c/d/version/1/details`,
      'the registry_ref and the artifact hold slashes, and each must end in /+',
    ],
  ];
  for (const [target, advice] of rows) t.equal(findMisfit(target).advice, advice, target);
});

t.test('knows its own reasons', async (t) => {
  t.strictSame(REASONS.filter(isMisfit), [
    'unknownRoute',
    'wrongCase',
    'doubleSlash',
    'trailingSlash',
    'fragment',
    'encodedRoute',
    'tailMissing',
    'markerMissing',
  ]);
});
