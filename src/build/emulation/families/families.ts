/** The families of tools that are known, the surest first. */
import type { Family } from "../treatment.ts";
import { assets } from "./assets.ts";
import { c } from "./c.ts";
import { dotnet } from "./dotnet.ts";
import { download } from "./download.ts";
import { files } from "./files.ts";
import { go } from "./go.ts";
import { java } from "./java.ts";
import { node } from "./node.ts";
import { packages } from "./packages.ts";
import { python } from "./python.ts";
import { rust } from "./rust.ts";
import { scripting } from "./scripting.ts";

export const families: readonly Family[] = [
  download,
  files,
  packages,
  go,
  rust,
  dotnet,
  java,
  node,
  python,
  scripting,
  assets,
  c,
];
