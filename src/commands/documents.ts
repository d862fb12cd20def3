import { loadConfig } from '../config/load.js';
import { fixtureJsonSchema } from '../seed/format.js';
import { buildServer } from '../server.js';
import { type Command, requireNoArguments } from './io.js';

/** `openapi`: prints the OpenAPI document of the contract, as YAML. */
export const printOpenapi: Command = async (args, { stdout }) => {
  requireNoArguments('openapi', args);
  const { app, control } = buildServer(loadConfig([], {}));
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
export const printSchema: Command = async (args, { stdout }) => {
  requireNoArguments('schema', args);
  stdout.write(`${JSON.stringify(fixtureJsonSchema(), null, 2)}\n`);
  return 0;
};
