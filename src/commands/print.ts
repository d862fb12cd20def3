import { writeFileSync } from 'node:fs';
import { PACKAGE_TYPES } from '../api/schema.js';
import { loadConfig } from '../config/load.js';
import { fixtureJsonSchema } from '../seed/format.js';
import { buildServer } from '../server.js';
import { UserError } from '../util/errors.js';
import { NAME } from '../util/package.js';
import type { Command } from './io.js';

/** `openapi`: prints the OpenAPI document of the contract, as YAML. */
export const openapi: Command = async (_args, { stdout }) => {
  const { app, control } = buildServer(loadConfig(new Map(), {}));
  try {
    control.fixtures.seed();
    const { body } = await app.inject({ url: '/openapi.yaml', headers: { host: '127.0.0.1:8650' } });
    stdout.write(body);
  } finally {
    await app.close();
  }
  return 0;
};

/** `schema`: prints the JSON Schema of fixture files, for editors. */
export const schema: Command = async (_args, { stdout }) => {
  stdout.write(`${JSON.stringify(fixtureJsonSchema(), null, 2)}\n`);
  return 0;
};

const FILE = 'fixtures.yaml';

const FIXTURE = `# What the server has: registries, and the API keys that can read them.
registries:
  - ref: shop/backend/images        # account[/org[/project]]/registry, without the /+ marker
    packageType: DOCKER             # one of ${PACKAGE_TYPES.slice(0, 6).join(', ')},
                                    # ${PACKAGE_TYPES.slice(6).join(', ')}
    artifacts:
      - name: team/api              # without the /+ marker
        versions:
          - version: 1.0.0
            size: 72939571          # bytes, served as 69.56MB
            createdAt: 2024-01-01T00:00:00Z
          - version: 1.1.0
            quarantineReason: under review
apiKeys:
  - key: pat.shop.dev.local         # for the header x-api-key; never a real key
    name: developer
    grants: [shop]                  # an account, organisation, project or registry
`;

/** `init`: writes a fixture into the current folder, and prints the command that serves it. */
export const init: Command = async (_args, { env, stdout }) => {
  try {
    writeFileSync(FILE, FIXTURE, { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const exists = 'exists already and is not overwritten; serve it, or run init in another folder';
    throw new UserError(`${FILE}: ${code === 'EEXIST' ? exists : `cannot be written (${code})`}`);
  }
  // Set by npx, which may be the only way to find the command.
  const prefix = env.npm_command === 'exec' ? 'npx ' : '';
  stdout.write(`Wrote ${FILE}. Serve it with:\n  ${prefix}${NAME} ${FILE} --watch\n`);
  return 0;
};
