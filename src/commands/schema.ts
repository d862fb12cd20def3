import { fixtureJsonSchema } from '../fixtures/format.js';
import { requireNoArguments } from './arguments.js';
import type { Command } from './io.js';

/** `schema`: prints the JSON Schema of fixture files, for editors. */
export const schema: Command = async (args, { stdout }) => {
  requireNoArguments('schema', args);
  stdout.write(`${JSON.stringify(fixtureJsonSchema(), null, 2)}\n`);
  return 0;
};
