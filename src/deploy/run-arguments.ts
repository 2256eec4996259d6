/** How a release's container is made: by a service of compose.yaml, or by flags. It is kept with the release, which is made by it again. */

export interface PublishedPort {
  /** Of the server that it listens on; absent: all of them. */
  readonly address?: string;
  /** The server's. */
  readonly host: number;
  /** The container's. */
  readonly container: number;
  readonly protocol: "tcp" | "udp";
}

/** What an engine does when the container has ended, as `docker create --restart` takes it. */
export type RestartPolicy = "no" | "always" | "unless-stopped" | `on-failure${"" | `:${number}`}`;

/** A network that the container joins beside the app's own, and its names there. */
export interface JoinedNetwork {
  readonly name: string;
  readonly aliases: readonly string[];
}

/** What has to be on a server before the container can be made, by its name there. */
export interface ServerPart {
  readonly kind: "network" | "volume";
  readonly name: string;
  /** It has to be there; otherwise it is made where it is missing. */
  readonly isExternal: boolean;
  /** The options of `docker network create` or `docker volume create` that make it, without its name. */
  readonly options: readonly string[];
}

/** A file that stands in the container and in no layer of its image: a secret, a configuration. */
export interface ContainerFile {
  /** Of letters, digits and . _ - alone. */
  readonly name: string;
  /** Absolute, in the container. */
  readonly target: string;
  readonly content: string;
}

export interface RunArguments {
  readonly publish: readonly PublishedPort[];
  /** Names and values beside the image's own; a value may be a secret. */
  readonly environment: Readonly<Record<string, string>>;
  /** As `docker create --volume` takes them: `data:/var/lib/app:ro`. */
  readonly volumes: readonly string[];
  /** Networks of the server, which have to be there. */
  readonly networks: readonly JoinedNetwork[];
  readonly restart: RestartPolicy;
  /** Further words of `docker create`, each as it is: `--memory`, `256m`. */
  readonly options: readonly string[];
  /** In the place of the image's own; absent: that one. */
  readonly entrypoint?: readonly string[];
  /** In the place of the image's own; none: that one. */
  readonly command: readonly string[];
  readonly parts: readonly ServerPart[];
  readonly files: readonly ContainerFile[];
}

/** What a container is made with where nobody says more. */
export const plainRun: RunArguments = {
  publish: [],
  environment: {},
  volumes: [],
  networks: [],
  restart: "unless-stopped",
  options: [],
  command: [],
  parts: [],
  files: [],
};
