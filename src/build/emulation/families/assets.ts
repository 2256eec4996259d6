/** Generators of pages and style sheets: what they write is read by browsers. */
import { type Family, whole } from "../treatment.ts";

const generators: ReadonlySet<string> = new Set(
  "hugo zola mdbook mkdocs sphinx-build antora jekyll eleventy pandoc asciidoctor elm elm-make purs trunk wasm-pack protoc buf sqlc templ".split(
    " ",
  ),
);

export const assets: Family = ({ name = "" }, situation) => {
  if (!generators.has(name)) return undefined;
  const outputs = whole(situation);
  return {
    kind: "neutral",
    why: "What it writes is the same on every machine.",
    stage: "build",
    ...(outputs && { outputs }),
  };
};
