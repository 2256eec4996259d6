/**
 * The places where an image may be had: the mirrors in their order, the registry last (moby/moby, `daemon/pkg/registry`, and the pull
 * of `distribution`: the next endpoint is asked whatever the one before failed with).
 */
import type { Context } from "../context.ts";
import { checked } from "../oci/checked.ts";
import type { Descriptor } from "../oci/document.ts";
import type { Reference } from "../oci/reference.ts";
import { createRegistryClient, type RegistryClient, type RegistryOptions } from "./client.ts";
import { download } from "./download.ts";
import { contentWrong } from "./failure.ts";
import type { Patience } from "./retry.ts";

export interface PlacesOptions extends Pick<RegistryOptions, "plainHttp" | "patience"> {
  /** Asked before the registry itself. Its login is not shown to them; the one that is stored for their own host is. */
  readonly mirrors?: readonly URL[];
}

type PlacesContext = Pick<Context, "env" | "runner" | "report" | "signal">;

export interface Places {
  /**
   * What the first place that has it says; `undefined` where none has it. A mirror that fails is not asked again.
   * @throws the registry's own errors
   */
  ask<T>(question: Question<T>): Promise<T | undefined>;
  /** As {@link Places.ask}; mirrors that do not have it are not asked again either. */
  settle<T>(question: Question<T>): Promise<T | undefined>;
  /** A blob as it comes; fails at its end when size or digest differ, and the mirror that sent it is not asked again. */
  download(blob: Descriptor): AsyncGenerator<Uint8Array>;
}

/** A question to one place; `undefined` where it does not have what was asked for. `registry` is its name for errors. */
type Question<T> = (client: RegistryClient, registry: string) => Promise<T | undefined>;

interface Endpoint {
  readonly registry: string;
  readonly client: RegistryClient;
  readonly patience: Patience;
}

/** A question is asked again sooner, and given up sooner, than an upload. */
const defaultPatience: Patience = { attempts: 3, firstPauseMs: 200, longestPauseMs: 10_000 };

export function createPlaces(
  reference: Reference,
  context: PlacesContext,
  options: PlacesOptions,
): Places {
  const { signal, report } = context;
  let usable = endpointsOf(reference.registry, context, options);
  const giveUp = (failed: Endpoint, error: unknown) => {
    usable = usable.filter((one) => one !== failed);
    const problem = error instanceof Error ? error.message : String(error);
    report({ kind: "detail", text: `${problem} The mirror ${failed.registry} is left out.` });
  };
  const first = async <T>(question: Question<T>) => {
    for (const endpoint of usable) {
      try {
        const found = await question(endpoint.client, endpoint.registry);
        if (found !== undefined) return { found, endpoint };
      } catch (error) {
        if (signal.aborted || endpoint === usable.at(-1)) throw error;
        giveUp(endpoint, error);
      }
    }
    return undefined;
  };
  return {
    ask: async (question) => (await first(question))?.found,
    async settle(question) {
      const answer = await first(question);
      if (answer === undefined) return undefined;
      usable = usable.slice(usable.indexOf(answer.endpoint));
      return answer.found;
    },
    download(blob) {
      const { digest, size } = blob;
      let sender = usable.at(-1);
      const places = usable.map((endpoint) => ({
        endpoint,
        registry: endpoint.registry,
        patience: endpoint.patience,
        async open(offset: number) {
          sender = endpoint;
          return await endpoint.client.openBlob(reference.repository, digest, offset);
        },
      }));
      const differs = (problem: string) => {
        const error = contentWrong(sender?.registry ?? reference.registry, digest, problem);
        if (sender !== undefined && sender !== usable.at(-1)) giveUp(sender, error);
        return error;
      };
      const content = download(places, {
        size,
        signal,
        report,
        onFailure: ({ endpoint }, error) => giveUp(endpoint, error),
      });
      return checked(content, { digest, size, differs });
    },
  };
}

/** Only the registry is asked again: a mirror that fails is passed over. */
function endpointsOf(
  registry: string,
  context: PlacesContext,
  { mirrors = [], patience = defaultPatience, ...options }: PlacesOptions,
): readonly Endpoint[] {
  const impatience = { ...patience, attempts: 1 };
  const endpoints = mirrors.map((address) => ({
    registry: address.host,
    client: createRegistryClient(address.host, context, { address, patience: impatience }),
    patience: impatience,
  }));
  const client = createRegistryClient(registry, context, { patience, ...options });
  return [...endpoints, { registry, client, patience }];
}
