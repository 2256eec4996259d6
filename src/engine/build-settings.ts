/** What a service of compose.yaml says of its build, as the flags and values of `docker buildx build`. */
import { csvField } from "./build.ts";

/** Of a build, what has no option of its own here. */
export interface BuildSettings {
  readonly labels: Readonly<Record<string, string>>;
  readonly network?: string;
  /** `name=address`. */
  readonly extraHosts: readonly string[];
  readonly pull: boolean;
  /** Bytes, or with a unit. */
  readonly shmSize?: string;
  /** `nofile` → `1024` or `1024:2048`, soft and hard. */
  readonly ulimits: Readonly<Record<string, string>>;
  readonly entitlements: readonly string[];
  readonly provenance?: string;
  readonly sbom?: string;
}

export function buildSettingArgs(settings: BuildSettings): readonly string[] {
  const { labels, network, extraHosts, pull, shmSize, ulimits, entitlements } = settings;
  return [
    ...Object.entries(labels).flatMap(([name, value]) => ["--label", `${name}=${value}`]),
    ...(network === undefined ? [] : ["--network", network]),
    ...extraHosts.flatMap((host) => ["--add-host", host]),
    ...(pull ? ["--pull"] : []),
    ...(shmSize === undefined ? [] : ["--shm-size", shmSize]),
    ...Object.entries(ulimits).flatMap(([name, limits]) => ["--ulimit", `${name}=${limits}`]),
    ...entitlements.flatMap((one) => ["--allow", one]),
    ...(settings.provenance === undefined ? [] : [`--provenance=${settings.provenance}`]),
    ...(settings.sbom === undefined ? [] : [`--sbom=${settings.sbom}`]),
  ];
}

/** Where BuildKit takes a secret from. The secret itself stands in no argument. */
export type SecretSource = { readonly file: string } | { readonly variable: string };

/** `--secret` as one value. */
export function secretSpec(id: string, source: SecretSource): string {
  const from = "file" in source ? `src=${source.file}` : `env=${source.variable}`;
  return [`id=${id}`, from].map(csvField).join(",");
}

/** What a named context is where another image of ours is meant: the very bytes in a layout. */
export function layoutContext(name: string, directory: string, digest: string): string {
  return `${name}=oci-layout://${directory}@${digest}`;
}
