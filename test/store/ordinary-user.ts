import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';

const NOBODY = 65_534;

/** Runs a function as a user whom file permissions bind; only root is not bound by them, and becomes nobody for it. */
export function asOrdinaryUser<Result>(run: () => Result): Result {
  if (process.geteuid?.() !== 0) return run();
  process.seteuid?.(NOBODY);
  try {
    return run();
  } finally {
    process.seteuid?.(0);
  }
}

/** Makes a folder that any user may write to, with the given files; it is removed with the test. */
export function makeOpenFolder(t: Test, files: Record<string, string | Buffer> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'registry-mock-'));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  const folder = join(root, 'open');
  mkdirSync(folder);
  for (const path of [root, folder]) chmodSync(path, 0o777);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}
