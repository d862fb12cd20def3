import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';

const mount = (...args: string[]): boolean => spawnSync('mount', args).status === 0;

/** Whether this process may mount a file system; tests that need one are skipped with this reason where it may not. */
export const skipUnlessMountable = (): string | false => {
  const folder = mkdtempSync(join(tmpdir(), 'registry-mock-'));
  const mayMount = mount('-t', 'tmpfs', 'tmpfs', folder);
  if (mayMount) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true });
  return mayMount ? false : 'this user may not mount a file system';
};

/** A file system of its own. */
export interface SmallDisk {
  folder: string;
  /** Fills it to its last byte; returns a function that makes room again. */
  fill(): () => void;
  /** Makes it read-only; nothing may be open for writing there. */
  protect(): void;
}

/** Mounts a disk of so many mebibytes, until the test ends. */
export function mountSmallDisk(t: Test, mebibytes: number): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'registry-mock-'));
  if (!mount('-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder)) throw new Error(`${folder}: not mounted`);
  t.teardown(() => {
    spawnSync('umount', ['--lazy', folder]);
    rmSync(folder, { recursive: true });
  });
  return {
    folder,
    fill() {
      const file = join(folder, 'filling');
      const descriptor = openSync(file, 'w');
      for (const size of [65_536, 1]) writeAll(descriptor, Buffer.alloc(size));
      closeSync(descriptor);
      return () => rmSync(file);
    },
    protect() {
      if (!mount('-o', 'remount,ro', folder)) throw new Error(`${folder}: not made read-only`);
    },
  };
}

/** Writes the same bytes until there is no room for them. */
function writeAll(descriptor: number, bytes: Buffer): void {
  try {
    while (writeSync(descriptor, bytes) > 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
