import type { Spelling, TargetLists } from '../data.js';
import type { Request, Workloads } from '../workloads.js';

/** A server that can be started. */
export interface Server {
  /** Several processes with other flags can have the same name; then no row is in two of them. */
  name: string;
  /** The name in the report. */
  title: string;
  version: string;
  /** Returns the command that serves on a port of 127.0.0.1. */
  command(port: number): string[];
  /** The server has started when it answers this as expected. */
  first: Request;
  workloads: Workloads;
  /** Prepares the running server for its workloads. */
  setUp?(url: string): Promise<void>;
  /** What a reader must know to judge its figures. */
  note?: string;
}

/** A server that cannot be measured, and why. */
export interface Absence {
  title: string;
  reason: string;
}

/** What the servers are prepared with. */
export interface Data {
  /** An empty folder. */
  folder: string;
  /** Fixtures with all versions and keys. */
  fixtures: readonly string[];
  lists: Record<Spelling, TargetLists>;
}

/** Prepares the processes of a server. Only the first is measured while it starts. */
export type Preparer = (data: Data) => Server[] | Absence;
