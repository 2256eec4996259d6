/** Vendors whose files have their own words for architectures, as their download pages have them. */
import type { Architecture } from "../../platform/platform.ts";

export interface Vendor {
  readonly name: string;
  readonly address: RegExp;
  /** The words that their files have, the usual one first. */
  readonly words: Readonly<Partial<Record<Architecture, readonly string[]>>>;
}

const go = { amd64: ["amd64"], arm64: ["arm64"] };
const kernel = { amd64: ["x86_64"], arm64: ["aarch64"] };
const short = { amd64: ["x64"], arm64: ["arm64"] };

const vendors: readonly Vendor[] = [
  {
    name: "Node.js",
    address: /^https?:\/\/(?:unofficial-builds\.)?nodejs\.org\/(?:dist|download)\/.*\/node-v/,
    words: { ...short, ppc64le: ["ppc64le"], s390x: ["s390x"] },
  },
  {
    name: "Protocol Buffers",
    address: /github\.com\/protocolbuffers\/protobuf\/releases\//,
    words: { amd64: ["x86_64"], arm64: ["aarch_64"] },
  },
  {
    name: "the AWS command line",
    address: /awscli\.amazonaws\.com\/awscli-exe-linux/,
    words: kernel,
  },
  {
    name: "s6-overlay",
    address: /github\.com\/just-containers\/s6-overlay\/releases\/download\/v3/,
    words: kernel,
  },
  {
    name: "Kubernetes",
    address: /(?:dl\.k8s\.io|storage\.googleapis\.com\/kubernetes-release)\/release\//,
    words: go,
  },
  { name: "Helm", address: /get\.helm\.sh\/helm-/, words: go },
  { name: "HashiCorp", address: /releases\.hashicorp\.com\/(?!vagrant\/)/, words: go },
  {
    name: "Go",
    address: /(?:go\.dev\/dl|golang\.org\/dl|dl\.google\.com\/go)\/go/,
    words: { ...go, ppc64le: ["ppc64le"], s390x: ["s390x"] },
  },
  { name: "Docker", address: /download\.docker\.com\/linux\/static\//, words: kernel },
  {
    name: "Docker Compose",
    address: /github\.com\/docker\/compose\/releases\/download\/v2/,
    words: kernel,
  },
  { name: "Docker Buildx", address: /github\.com\/docker\/buildx\/releases\//, words: go },
  {
    name: "Deno",
    address: /github\.com\/denoland\/deno\/releases\/|dl\.deno\.land\//,
    words: kernel,
  },
  {
    name: "Bun",
    address: /github\.com\/oven-sh\/bun\/releases\//,
    words: { amd64: ["x64"], arm64: ["aarch64"] },
  },
  {
    name: "Eclipse Temurin",
    address: /github\.com\/adoptium\/temurin\d+-binaries\/releases\//,
    words: { amd64: ["x64"], arm64: ["aarch64"] },
  },
  { name: "rustup", address: /static\.rust-lang\.org\/rustup\//, words: kernel },
  { name: "Zig", address: /ziglang\.org\/(?:download|builds)\//, words: kernel },
  { name: "Miniconda", address: /repo\.anaconda\.com\/miniconda\//, words: kernel },
  { name: "Dart Sass", address: /github\.com\/sass\/dart-sass\/releases\//, words: short },
  { name: "tini", address: /github\.com\/krallin\/tini\/releases\//, words: go },
  { name: "gosu", address: /github\.com\/tianon\/gosu\/releases\//, words: go },
  {
    name: "dumb-init",
    address: /github\.com\/Yelp\/dumb-init\/releases\/.*\/dumb-init_[\d.]+_[a-z]/,
    words: kernel,
  },
  {
    name: "Tailwind CSS",
    address: /github\.com\/tailwindlabs\/tailwindcss\/releases\//,
    words: short,
  },
  { name: "esbuild", address: /registry\.npmjs\.org\/@esbuild\/linux-/, words: short },
  { name: "buf", address: /github\.com\/bufbuild\/buf\/releases\//, words: kernel },
  {
    name: "grpc_health_probe",
    address: /github\.com\/grpc-ecosystem\/grpc-health-probe\/releases\//,
    words: go,
  },
  { name: "yq", address: /github\.com\/mikefarah\/yq\/releases\//, words: go },
  {
    name: "hadolint",
    address: /github\.com\/hadolint\/hadolint\/releases\//,
    words: { amd64: ["x86_64"], arm64: ["arm64"] },
  },
  { name: "uv", address: /github\.com\/astral-sh\/uv\/releases\//, words: kernel },
  { name: "ripgrep", address: /github\.com\/BurntSushi\/ripgrep\/releases\//, words: kernel },
  { name: "Traefik", address: /github\.com\/traefik\/traefik\/releases\//, words: go },
  { name: "Caddy", address: /github\.com\/caddyserver\/caddy\/releases\//, words: go },
  { name: "Prometheus", address: /github\.com\/prometheus\/[\w-]+\/releases\//, words: go },
];

export function vendorOf(url: string): Vendor | undefined {
  return vendors.find(({ address }) => address.test(url));
}
