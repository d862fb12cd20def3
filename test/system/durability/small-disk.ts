import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';

const mount = (...args: string[]): boolean => spawnSync('mount', args).status === 0;

/** The reason to skip a test that mounts a file system, if this user may not; otherwise false. */
export const skipUnlessMountable = (): string | false => {
  const folder = mkdtempSync(join(tmpdir(), 'registry-mock-'));
  const mayMount = mount('-t', 'tmpfs', 'tmpfs', folder);
  if (mayMount) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true });
  return mayMount ? false : 'this user may not mount file systems';
};

/** A file system of a test. */
export interface SmallDisk {
  folder: string;
  /** Fills it to the last byte; returns a function that frees the space. */
  fill(): () => void;
  /** Makes it read-only; no file may be open for writing. */
  protect(): void;
}

/** Mounts a disk of the given size in mebibytes; it is unmounted at the end of the test. */
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

/** Writes the same bytes until the disk is full. */
function writeAll(descriptor: number, bytes: Buffer): void {
  try {
    while (writeSync(descriptor, bytes) > 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
