import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../row.js';

const CACHE = join(__dirname, '../.cache/clients');

/**
 * Copies the sources of a client and the document, as openapi.yaml, to a folder and runs the commands there, unless the same was
 * built before. Spaces separate the arguments of a command. Returns the folder. Throws an Error with the output of a command that fails.
 */
export async function build(
  name: string,
  sources: string,
  document: string,
  commands: readonly string[],
): Promise<string> {
  const folder = join(CACHE, name);
  const stamp = join(folder, '.built');
  const contents = readdirSync(sources).map((file) => readFileSync(join(sources, file), 'utf8'));
  const hash = createHash('sha256')
    .update(JSON.stringify([document, commands, contents]))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(sources, folder, { recursive: true });
  writeFileSync(join(folder, 'openapi.yaml'), document);
  for (const command of commands) {
    const [program = '', ...args] = command.split(' ');
    const { code, output } = await runProgram(program, args, { cwd: folder });
    if (code !== 0) throw new Error(`${command} failed:\n${output}`);
  }
  writeFileSync(stamp, hash);
  return folder;
}

const MAVEN = 'mvn --quiet --batch-mode org.apache.maven.plugins:maven-dependency-plugin:3.6.1';

/** The command that copies a jar, such as `org.openapitools:openapi-generator-cli:7.25.0`, without the version in its name. */
export const copyJar = (artifact: string, folder: string): string =>
  `${MAVEN}:copy -Dartifact=${artifact} -DoutputDirectory=${folder} -Dmdep.stripVersion=true`;

/** The command that copies the jars that a project depends on; the folder is relative to its pom. */
export const copyDependencies = (pom: string, folder: string): string =>
  `${MAVEN}:copy-dependencies --file ${pom} -DoutputDirectory=${folder}`;
