import type { Requests } from '../answers.js';
import type { ServerName } from './names.js';

/** A server that can be started. */
export interface Server {
  name: string;
  /** What the report calls it. */
  title: string;
  version: string;
  /** Returns the program and its arguments that serve on a port of 127.0.0.1. */
  command(port: number): string[];
  requests: Requests;
  /** What a reader must know to judge its figures. */
  note?: string;
}

/** A server that cannot be measured here, and why. */
export interface Absence {
  title: string;
  reason: string;
}

/** Makes a server ready to be started; takes a folder of its own for what it needs in files. */
export type Preparer = (name: ServerName, folder: string) => Server | Absence;
