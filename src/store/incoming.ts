/**
 * What others are writing into a store: containerd's content store keeps each blob under `ingest/` until it is whole, beside a file
 * that says how large it will be (containerd, `plugins/content/local/store.go`).
 */
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";

/** In bytes. */
export interface Amount {
  readonly current: number;
  readonly total: number;
}

/** Counts what has come since the first look. A small blob may come and go unseen between two looks. */
export class Incoming {
  readonly #directory: string;
  readonly #seen = new Map<string, Amount>();
  #before: ReadonlySet<string> | undefined;

  constructor(store: string) {
    this.#directory = path.join(store, "ingest");
  }

  async look(): Promise<Amount> {
    const names = await readdir(this.#directory).catch((): string[] => []);
    this.#before ??= new Set(names);
    for (const [name, { total }] of this.#seen) {
      if (!names.includes(name)) this.#seen.set(name, { current: total, total });
    }
    for (const name of names) {
      if (!this.#before.has(name)) this.#seen.set(name, await this.#amountOf(name));
    }
    const all = [...this.#seen.values()];
    return {
      current: all.reduce((sum, { current }) => sum + current, 0),
      total: all.reduce((sum, { total }) => sum + total, 0),
    };
  }

  /** One that is gone in the same moment has come as far as it was seen last. */
  async #amountOf(name: string): Promise<Amount> {
    const at = (file: string) => path.join(this.#directory, name, file);
    const [data, text] = await Promise.all([
      stat(at("data")).catch(() => undefined),
      readFile(at("total"), "utf8").catch(() => ""),
    ]);
    const before = this.#seen.get(name) ?? { current: 0, total: 0 };
    const current = Math.max(data?.size ?? 0, before.current);
    return { current, total: Math.max(Number.parseInt(text, 10) || 0, before.total, current) };
  }
}
