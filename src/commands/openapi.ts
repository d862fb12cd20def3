import { requireNoArguments } from './arguments.js';
import type { Command } from './io.js';

/** `openapi`: prints the OpenAPI document of the contract, as YAML. */
export const openapi: Command = async (args, { stdout }) => {
  requireNoArguments('openapi', args);
  const { buildContractDocs } = await import('../http/contract-docs.js');
  const app = await buildContractDocs();
  stdout.write(app.swagger({ yaml: true }));
  await app.close();
  return 0;
};
