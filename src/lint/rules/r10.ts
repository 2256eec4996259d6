/** What the developer's machine has installed is copied into the image. */
import path from "node:path";
import { ignoreLines, type Proof } from "../../build-context/artefact.ts";
import { formatPlatform, type Platform } from "../../platform/platform.ts";
import { type Brought, broughtIn } from "../artefact/brought.ts";
import type { TargetView } from "../view.ts";
import type { Finding, Rule } from "./rule.ts";

const before = [
  "FROM node:22",
  "WORKDIR /app",
  "COPY package.json package-lock.json ./",
  "RUN npm ci",
];
const behind = 'CMD ["node", "src/server.js"]';

export const r10: Rule = {
  id: "R10",
  title: "COPY brings what the developer's machine has installed",
  what: "`COPY . .`, and any COPY or ADD of a directory of the build context, that takes `node_modules`, a virtual environment of Python, `vendor/bundle` or cargo's `target` along because no ignore file leaves it out: with a program in it that does not run on the platform, or over what an earlier instruction installed there for the platform.",
  why: "These directories hold what was downloaded and compiled for the machine that they are on: add-ons of Node, extensions of Python and Ruby, whole programs. Copied into the image they take the place of the platform's own, and nothing fails before they are loaded; a build on a clean machine, such as CI's, does not show it.",
  bad: [...before, "COPY . .", behind].join("\n"),
  good: [...before, "COPY src ./src", behind].join("\n"),
  context: {
    ignoreFile: { path: ".dockerignore", patterns: [] },
    artefacts: [],
    files: new Set(["package.json", "package-lock.json"]),
  },
  failure:
    "Error: /app/node_modules/bcrypt/lib/binding/napi-v3/bcrypt_lib.node: invalid ELF header",
  blind:
    "A context that is not the Dockerfile's directory, unless `--context` names it, or that is a URL or a Git repository; what lies behind symbolic links; sources with wildcards; an `npm install` behind a COPY, where nothing is installed beside the Dockerfile now; an install in a directory that only the build knows. What yarn, pnpm, bun, bundler, uv or cargo do behind the COPY is taken to put it right. The end of a very large context is not looked at.",
  check(view) {
    const { context } = view;
    if (context === undefined) return [];
    const byWord = Map.groupBy(broughtIn(view, context), ({ copy }) => copy.word);
    return [...byWord.values()].flatMap((found) => findingOf(found, context.ignoreFile.path, view));
  },
};

/** All that one word brings is one finding, which speaks of the worst. */
function findingOf(
  found: readonly Brought[],
  ignoreFile: string,
  view: TargetView,
): readonly Finding[] {
  const told = found.filter(({ artefact, over, use }) =>
    artefact.proof === undefined ? over !== undefined : use !== "none",
  );
  const worst = told.find((one) => severityOf(one) === "error") ?? told[0];
  if (worst === undefined) return [];
  const lines = new Set(told.flatMap(({ artefact }) => ignoreLines(artefact)));
  const { proof } = worst.artefact;
  const failure = proof === undefined ? undefined : failureOf(worst, proof);
  return [
    {
      severity: severityOf(worst),
      range: worst.copy.word.range,
      message: proof === undefined ? expectation(worst, view) : fact(worst, proof, view),
      ...(failure === undefined ? { mayFail: r10.failure } : { failure }),
      hint: `Add to ${ignoreFile}: ${[...lines].join("  ")}`,
    },
  ];
}

function severityOf({ artefact, copy, use, mayBeMended }: Brought): Finding["severity"] {
  const isCertain = artefact.proof !== undefined && use === "started" && !mayBeMended;
  return isCertain && !copy.step.stage.isBuilders ? "error" : "warning";
}

function fact({ artefact, copy, over }: Brought, proof: Proof, { target }: TargetView): string {
  const instead = over === undefined ? "" : ` in place of what ${over.command} put there`;
  return `Built for ${formatPlatform(target)}, ${whatGets(copy.step.stage)} this machine's ${artefact.path}${instead}: ${proof.path} is ${proof.description}.`;
}

function expectation({ artefact, copy, over }: Brought, { target }: TargetView): string {
  const { platform } = copy.step.stage;
  const forWhom = platform === undefined ? "" : ` for ${nameOf(platform, copy.step.stage)}`;
  return `Built for ${formatPlatform(target)}, ${whatGets(copy.step.stage)} the context's ${artefact.path} in place of what ${over?.command ?? "an earlier step"} put there${forWhom}, wherever the context has one.`;
}

function nameOf(platform: Platform, { isBuilders }: Brought["copy"]["step"]["stage"]): string {
  return isBuilders ? "the builder" : formatPlatform(platform);
}

function whatGets({ isImage, resolved }: Brought["copy"]["step"]["stage"]): string {
  const { name } = resolved.stage;
  return isImage ? "the image gets" : `the stage ${name ?? resolved.index} gets`;
}

/** glibc's loader dislikes the file of a Mac or of Windows by its first bytes, and passes over one of another machine. */
function failureOf({ artefact, copy, place }: Brought, { path: file, format }: Proof): string {
  const inside = path.posix.relative(artefact.path, file);
  const whole = place === undefined ? `…/${file}` : path.posix.join(place, inside);
  const isLibrary = /\.(?:node|so|pyd|dylib|bundle)(?:\.[\d.]+)?$/.test(whole);
  const { isBuilders } = copy.step.stage;
  if (!isLibrary) return `${isBuilders ? "" : "exec "}${whole}: exec format error`;
  const reason =
    format === "elf"
      ? "cannot open shared object file: No such file or directory"
      : "invalid ELF header";
  const start = { node: "Error: ", python: "ImportError: ", ruby: "LoadError: ", rust: "" };
  return `${start[artefact.kind]}${whole}: ${reason}`;
}
