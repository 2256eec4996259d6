/** The beginning of docs/configuration.md, which no schema can tell. */

/** Paragraphs, headings and examples, a blank line between them. */
export const introduction: readonly string[] = [
  "A project needs no configuration: `transship build` and its flags do. One that has a `compose.yaml` has it already. What Compose has words for (build, image, platform) is taken from there; the rest stands in a block `x-transship`, which Compose itself leaves alone.",
  [
    "```yaml",
    "name: shop",
    "x-transship:",
    "  platforms: [linux/amd64]",
    "  registry: registry.example.org/team",
    "services:",
    "  web:",
    "    build: ./web",
    "  worker:",
    "    build: { context: ., target: worker }",
    "    x-transship:",
    "      platforms: [linux/amd64, linux/arm64]",
    "  db:",
    "    image: postgres:17",
    "```",
  ].join("\n"),
  [
    "    transship build                  # web, then worker",
    "    transship build worker           # that one, and what it is built on",
    "    transship build --platform linux/arm64 --push",
    "    transship build --image hello    # the file is left out",
  ].join("\n"),
  "## What is read",
  "`transship build` reads the file where none of `--image`, `--context` and `--dockerfile` is given, and a service in it has a build section. The file is what Compose would read in that directory: `COMPOSE_FILE` (of the environment or of `.env`), else `compose.yaml`, `compose.yml`, `docker-compose.yml` or `docker-compose.yaml`, with the override beside it; directories above are not looked at. `docker compose config` fills in variables, merges files and `extends`, and checks it, so docker's compose plugin is needed; an engine is not. Services of a profile that is not active are built when they are named.",
  "An image has the name that `docker compose up` looks for: `image`, with `latest` where it has no tag, else `<project>-<service>`. Services are built one after the other; one that another is built on (`additional_contexts: {base: service:other}`) comes first, and is given on as the bytes of the store that were checked. One that is refuted or fails stops only what is built on it; what is wrong with the machine stops them all. The exit code is the worst.",
  "From a build section: `context`, `dockerfile`, `dockerfile_inline`, `target`, `args`, `secrets` (of a file or of a variable of the environment; they are named, never shown), `ssh`, `additional_contexts`, `cache_from`, `cache_to`, `platforms`, `no_cache`, `labels`, `network`, `extra_hosts`, `pull`, `shm_size`, `ulimits`, `entitlements`, `privileged`, `provenance`, `sbom`. `tags` and `isolation` change nothing, and that is said. Flags go before the file: one value takes the place of the file's; build arguments, secrets, agents and contexts are added.",
  "## When something is wrong",
  "What Compose refuses is [`COMPOSE_INVALID`](errors.md#compose_invalid), with its words, and with file, line and column where they tell enough. In the block a key that is not known, a value of another type and what contradicts itself are [`CONFIG_INVALID`](errors.md#config_invalid), always with file, line and column:",
  [
    "```console",
    "$ transship build",
    'error[CONFIG_INVALID]: compose.yaml:3:3: x-transship has no key "platfroms". Did you mean platforms?',
    "```",
  ].join("\n"),
  "## In an editor",
  "Editors that know JSON Schema complete and check the block while it is typed. For the language server of YAML (VS Code, Neovim and others), with the path of your checkout or installation:",
  [
    "```yaml",
    "# yaml-language-server: $schema=node_modules/transship/schema/compose.schema.json",
    "```",
  ].join("\n"),
  "`compose.schema.json` is Compose's own schema together with ours; `transship.schema.json` is the block alone.",
];
