import { loadConfig } from '../config/load.js';
import { buildServer } from '../server.js';
import { NAME } from '../util/package.js';
import { type Command, type Help, requireNoArguments } from './io.js';

export const help: Help = {
  usage: 'openapi',
  description: 'print the OpenAPI document of the contract',
  examples: [`${NAME} openapi > openapi.yaml`, `${NAME} openapi | grep operationId`],
};

/** `openapi`: prints the OpenAPI document of the contract, as YAML. */
export const run: Command = async (args, { stdout }) => {
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
