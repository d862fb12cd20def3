import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { UserError } from '../util/errors.js';
import { type Config, flagOf, OPTIONS } from './options.js';

/** A certificate, with those of its issuers, and its private key, as PEM. */
export interface TlsFiles {
  cert: string;
  key: string;
}

/** Reads the admin token from the option or its file. Throws a UserError for a file that cannot be used. */
export function readAdminToken(config: Pick<Config, 'adminToken' | 'adminTokenFile'>): string | undefined {
  const { adminToken, adminTokenFile: file } = config;
  if (file === undefined) return adminToken;
  const token = readText('adminTokenFile', file).replace(/\r?\n$/, '');
  if (OPTIONS.adminToken.read(token) !== undefined) return token;
  throw new UserError(`--admin-token-file: ${file} must contain one line, of ${OPTIONS.adminToken.expected}`);
}

/** Reads and checks the files of TLS; undefined without them. Throws a UserError for one that cannot be used. */
export function readTlsFiles({ tlsCert, tlsKey }: Pick<Config, 'tlsCert' | 'tlsKey'>): TlsFiles | undefined {
  if (tlsCert === undefined || tlsKey === undefined) return undefined;
  const cert = readText('tlsCert', tlsCert);
  const key = readText('tlsKey', tlsKey);
  requireUsable({ cert }, `--tls-cert: ${tlsCert} is not a certificate in PEM`);
  requireUsable({ key }, `--tls-key: ${tlsKey} is not a private key in PEM without a passphrase`);
  requireUsable({ cert, key }, `--tls-key: ${tlsKey} is not the key of the certificate ${tlsCert}`);
  return { cert, key };
}

function requireUsable(files: Partial<TlsFiles>, problem: string): void {
  try {
    createSecureContext(files);
  } catch (cause) {
    throw new UserError(problem, 1, { cause });
  }
}

function readText(name: keyof Config, file: string): string {
  const label = `${flagOf(name)}: ${file}`;
  let text: string;
  try {
    // To open a pipe would block.
    text = statSync(file).isFile() ? readFileSync(file, 'utf8') : '';
  } catch (error) {
    throw new UserError(`${label} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  if (text.trim() === '') throw new UserError(`${label} is empty, or not a regular file`);
  return text;
}
