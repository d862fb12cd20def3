import { loadConfig } from '../config/load.js';
import { buildServer } from '../server.js';
import { type Command, requireNoArguments } from './io.js';

/** `openapi`: prints the OpenAPI document of the contract, as YAML. */
export const run: Command = async (args, { stdout }) => {
  requireNoArguments('openapi', args);
  const { app } = buildServer(loadConfig([], {}));
  try {
    const { body } = await app.inject('/openapi.yaml');
    stdout.write(body);
  } finally {
    await app.close();
  }
  return 0;
};
