/** What the documents name is there: files, headings, tests, flags and error codes. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { commandsByWords } from "../src/cli/commands.ts";
import { commonFlags } from "../src/cli/verb.ts";
import { listErrors } from "../src/errors.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const system = "docs/DOCKER_BUILDX_SYSTEM.md";
const documents = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...(await readdir(path.join(root, "docs"), { recursive: true })).map((name) => `docs/${name}`),
].filter((name) => name.endsWith(".md"));

/** Of the environment: they look like error codes. */
const variables = new Set([
  "COMPOSE_FILE",
  "DOCKER_HOST",
  "LD_LIBRARY_PATH",
  "DOCKER_AUTH_CONFIG",
  "NO_COLOR",
  "TRANSSHIP_MUTATIONS",
  "TRANSSHIP_REPOSITORY",
  "TRANSSHIP_SEED",
  "TRANSSHIP_TEST_ENGINE",
]);

for (const document of documents) {
  const text = await read(document);

  test(`${document}: every relative link leads to a file, and to a heading of it`, async () => {
    const broken: string[] = [];
    for (const target of linksOf(text)) {
      const [file = "", heading] = target.split("#");
      const name = file === "" ? document : path.posix.join(path.posix.dirname(document), file);
      if (!existsSync(path.join(root, name))) broken.push(target);
      else if (heading !== undefined && !headingsOf(await read(name)).has(heading))
        broken.push(target);
    }
    assert.deepEqual(broken, []);
  });

  test(`${document}: every file of the project that is named exists`, () => {
    const missing = filesIn(text).filter((name) => !existsSync(path.join(root, name)));
    assert.deepEqual(missing, []);
  });

  test(`${document}: every flag of an example exists`, () => {
    const unknown = examplesOf(text).flatMap(unknownIn);
    assert.deepEqual(unknown, []);
  });

  test(`${document}: every error code is one of the catalogue`, () => {
    const known = new Set(listErrors().map(({ code }) => code));
    assert.deepEqual(
      codesIn(text).filter((code) => !known.has(code)),
      [],
    );
  });
}

test("the table of verbs has every flag that is a verb's own, and no other", async () => {
  const rows = sectionOf(await read(system), "The verbs").split("\n");
  for (const [verb, { parameters }] of Object.entries(commandsByWords)) {
    if (verb === "completion") continue;
    const row = rows.find((line) => line.startsWith(`| \`${verb}\``)) ?? "";
    const named = [...row.matchAll(/`(-[^`]+)`/g)].flatMap(([, flags = ""]) => flags.split("/"));
    const words = named.filter((word) => word !== "--");
    assert.deepEqual(
      words.filter((word) => !isFlag(parameters, word)),
      [],
    );
    const own = Object.keys(parameters.flags ?? {}).filter(
      (name) => !Object.hasOwn(commonFlags, name),
    );
    const missing = own.map(kebabCase).filter((name) => {
      return !words.includes(`--${name}`) && !words.includes(`--no-${name}`);
    });
    assert.deepEqual(missing, [], verb);
  }
});

test("the table of requirements names tests that are there", async () => {
  const rows = sectionOf(await read(system), "Requirement by requirement")
    .split("\n")
    .filter((line) => /^\| \*\*\d/.test(line));
  assert.equal(rows.length, 4);
  for (const row of rows) {
    const [, requirement = "", where = "", proofs = ""] = row.split(/(?<!\\)\|/);
    assert.notDeepEqual(filesIn(where), [], requirement);
    const proofsOfFiles = proofs.split(";").map((proof) => ({
      file: filesIn(proof)[0] ?? "",
      names: [...proof.matchAll(/“([^”]+)”/g)].map(([, name = ""]) => name),
    }));
    for (const { file, names } of proofsOfFiles) {
      assert.notDeepEqual(names, [], `${requirement} ${file}`);
      const source = await read(file);
      for (const name of names)
        assert.ok(source.includes(`"${name}"`), `${file} has no test "${name}"`);
    }
  }
});

test("the requirements stand there word for word", async () => {
  const text = await read(system);
  for (const words of [
    "creates AMD64-compatible images using `docker buildx build --platform linux/amd64`.",
    "`docker image inspect --format='{{.Architecture}}/{{.Os}}' rustci:local-amd64`, returning `amd64/linux`.",
    "verifies architecture compatibility by running `uname -m` inside the container, returning `x86_64`.",
    "it tests `/api/healthchecker`, expecting HTTP status 200 within a 10 s timeout.",
  ]) {
    assert.ok(text.includes(words), words);
  }
});

async function read(name: string): Promise<string> {
  return await readFile(path.join(root, name), "utf8");
}

/** Targets of links that lead to no other site. */
function linksOf(text: string): readonly string[] {
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** The anchors that a hosting site makes of headings: lower case, no punctuation, a hyphen for each space. */
function headingsOf(text: string): ReadonlySet<string> {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_ -]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

/** Paths between backticks that begin with a folder of the project; a place-holder or a pattern is none. */
function filesIn(text: string): readonly string[] {
  const paths = /`((?:src|test|docs|scripts|examples|bench|provision)\/[\w./-]*)`/g;
  return [...text.matchAll(paths)].map(([, name = ""]) => name);
}

function sectionOf(text: string, heading: string): string {
  const [, section = ""] = text.split(`\n## ${heading}\n`);
  return section.split("\n## ")[0] ?? "";
}

interface Example {
  readonly verb: string;
  readonly words: readonly string[];
}

/** Every `transship VERB …`, up to the end of its line, its backtick, a comment, a pipe or what is handed to buildx. */
function examplesOf(text: string): readonly Example[] {
  const lines = text.matchAll(/(?<![\w/.-])transship ([a-z_]+)(?= |`|$)([^\n`]*)/gm);
  return [...lines].map(([, verb = "", rest = ""]) => {
    const [own = ""] = rest.split(/ (?:#|\||&&|>|--(?: |$))|[;,)]/);
    return { verb, words: own.split(/\s+/).filter((word) => word !== "") };
  });
}

/** The parts of an example that the command line does not have. */
function unknownIn({ verb, words }: Example): readonly string[] {
  const command = commandsByWords[verb] ?? commandsByWords[`${verb} ${words[0]}`];
  if (command === undefined) return [`transship ${verb}`];
  const flags = words.map((word) => /^(-[a-zA-Z]|--[a-z-]+)(?:=|$)/.exec(word)?.[1]);
  return flags
    .filter((flag) => flag !== undefined)
    .filter((flag) => !isFlag(command.parameters, flag))
    .map((flag) => `transship ${verb} ${flag}`);
}

type Parameters = (typeof commandsByWords)[string]["parameters"];

function isFlag({ flags = {}, aliases = {} }: Parameters, word: string): boolean {
  if (["--help", "-h"].includes(word)) return true;
  if (!word.startsWith("--")) return Object.hasOwn(aliases, word.slice(1));
  const name = camelCase(word.slice(2));
  if (Object.hasOwn(flags, name)) return true;
  const negated = name.startsWith("no") ? `${name.charAt(2).toLowerCase()}${name.slice(3)}` : "";
  const definition = Object.entries(flags).find(([flag]) => flag === negated)?.[1];
  return definition?.kind === "boolean" && definition.withNegated !== false;
}

function camelCase(word: string): string {
  return word.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function kebabCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Codes as a terminal shows them, and words between backticks that look like one and are no variable. */
function codesIn(text: string): readonly string[] {
  const shown = [...text.matchAll(/error\[([A-Z][A-Z_]+)\]/g)];
  const linked = [...text.matchAll(/\[`([A-Z_]+)`\]\(/g)];
  const named = [...text.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)];
  return [...shown, ...linked, ...named]
    .map(([, code = ""]) => code)
    .filter((code) => !variables.has(code));
}
