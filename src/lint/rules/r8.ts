/** All platforms share a cache that holds files of one. */
import path from "node:path";
import { type Mount, mountsOf } from "../../dockerfile/mount.ts";
import type { Flag } from "../../dockerfile/split.ts";
import type { Dockerfile } from "../../dockerfile/syntax.ts";
import { expand } from "../../dockerfile/variables.ts";
import { formatPlatform, type Platform } from "../../platform/platform.ts";
import { hole } from "../../shell/value.ts";
import { namesArchitecture } from "../architecture.ts";
import { type CacheContent, contentOf } from "../cache-content.ts";
import { declarationIn } from "../declaration.ts";
import { pathFrom } from "../path.ts";
import type { Program } from "../program.ts";
import { Texts } from "../scope.ts";
import type { Step } from "../step.ts";
import { isTargets, type TargetView } from "../view.ts";
import type { Edit, Finding, Rule } from "./rule.ts";

export const r8: Rule = {
  id: "R8",
  title: "A cache mount of one architecture's files is shared by all platforms",
  what: "`RUN --mount=type=cache` whose `id` (the target path, where none is written) is the same for every platform, where a command of that `RUN` keeps files of one architecture in it: Cargo's `target`, Zig's `zig-out`, the build directory of CMake, Meson or Ninja, `_build` of Mix and Rebar, `obj` of .NET, a virtual environment, `node_modules`, `vendor/bundle`, Playwright's browsers.",
  why: "A cache mount is known by its `id` alone. Platforms that one builder makes, at once or one after the other, see the same directory: the second one takes the objects of the first for its own, or both write the same file and one copies what the other wrote. `sharing=locked` and `sharing=private` only keep them from it at the same time: that is enough for what each platform writes anew (of Cargo and Zig, if it is copied out in the same `RUN`), and no help where a program looks what is there and keeps it.",
  bad: "FROM rust AS build\nWORKDIR /app\nCOPY . .\nRUN --mount=type=cache,target=/app/target cargo build --release && cp target/release/app /bin/app\n\nFROM debian\nCOPY --from=build /bin/app /bin/app",
  good: "FROM rust AS build\nARG TARGETARCH\nWORKDIR /app\nCOPY . .\nRUN --mount=type=cache,target=/app/target,id=/app/target-$TARGETARCH cargo build --release && cp target/release/app /bin/app\n\nFROM debian\nCOPY --from=build /bin/app /bin/app",
  failure: "exec /bin/app: exec format error",
  blind:
    "Caches whose files have the platform or a hash in their names, and are safe to share: those of Go, cargo's registry, npm, Yarn, pnpm, pip, uv, Poetry, apt, Maven, Gradle, NuGet, Composer, ccache, sccache and Bazel; apk's since apk-tools 2.12.12 and 2.14.1, before which all architectures had one index. Builds that a script or Makefile starts; a target that is set in a file (`.cargo/config.toml`, a preset of CMake); a directory that uv, Bun or PDM keep; a `target` with `sharing=locked` that is copied from in another `RUN`; stages on the machine that builds, unless CMake, Meson or Zig is told a `TARGET…` variable; an `id` with a variable that is not declared (R11) or not known. Builders with a node for each platform have a cache on each.",
  check(view) {
    const found = view.stages.flatMap(({ steps }) => steps.flatMap((one) => cachesIn(one, view)));
    const uses = usesOf(view.dockerfile);
    return [...Map.groupBy(found, ({ id }) => id)].flatMap(([id, caches]) => {
      // If another RUN takes something from it, and nothing is said of that, it would be empty there.
      const isMendable = caches.length === uses.get(id);
      return caches.map((cache) => findingOf(cache, isMendable, view.target));
    });
  },
};

function cachesIn(step: Step, view: TargetView): readonly Filled[] {
  if (step.programs.length === 0) return [];
  return mountsOf(step.instruction).flatMap((mount) => {
    const flag = step.instruction.flags.find(({ range }) => range === mount.range);
    const cache = flag && sharedCacheOf(mount, flag, step, view);
    const content = cache && contentIn(cache, view);
    return cache && content ? [{ ...cache, content }] : [];
  });
}

/** How often each id is mounted in the file. */
function usesOf({ stages }: Dockerfile): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  for (const { instructions } of stages) {
    for (const mount of instructions.flatMap((one) =>
      one.keyword === "RUN" ? mountsOf(one) : [],
    )) {
      if (mount.type === "cache") uses.set(idOf(mount), (uses.get(idOf(mount)) ?? 0) + 1);
    }
  }
  return uses;
}

/** As it is written; the cleaned target where none is (github.com/moby/buildkit, frontend/dockerfile/dockerfile2llb/convert_runmount.go). */
function idOf({ options }: Mount): string {
  const target = path.posix.normalize(options.get("target") ?? "").replace(/(.)\/$/, "$1");
  return options.get("id") || target;
}

interface Filled extends SharedCache {
  readonly content: CacheContent;
}

interface SharedCache {
  readonly mount: Mount;
  readonly flag: Flag;
  readonly step: Step;
  /** Where it is mounted. */
  readonly path: string;
  /** As it is written, or the target's. */
  readonly id: string;
}

/** A cache that is the same one for every platform. */
function sharedCacheOf(
  mount: Mount,
  flag: Flag,
  step: Step,
  view: TargetView,
): SharedCache | undefined {
  const { options, type, from } = mount;
  const target = step.textOf(options.get("target") ?? "");
  if (type !== "cache" || from !== undefined || target === undefined || target === "")
    return undefined;
  const id = idOf(mount);
  if (isKeyed(id, step, view)) return undefined;
  // Relative words are compared with each other where the directory is not known.
  const { directory = "/" } = step;
  const mounted = pathFrom(directory, target);
  if (mounted === undefined) return undefined;
  return { mount, flag, step, path: mounted, id };
}

/** Whether there is one for each architecture, or nobody can tell. */
function isKeyed(id: string, { variables }: Step, { dockerfile, target }: TargetView): boolean {
  const { text, used, unset, problem } = expand(id, new Texts(variables), dockerfile.escape);
  if (problem !== undefined || text.includes(hole)) return true;
  // A missing declaration is another rule's.
  if ([...used, ...unset].some((name) => /^TARGET(?:ARCH|PLATFORM)$/.test(name))) return true;
  return text.includes(formatPlatform(target)) || namesArchitecture(text, target.architecture);
}

function contentIn(
  { path: mounted, mount, step }: SharedCache,
  view: TargetView,
): CacheContent | undefined {
  const isMoved = step.programs.some(({ name }) => /^(?:cd|pushd|popd)$/.test(name));
  const start = isMoved ? undefined : (step.directory ?? "/");
  for (const program of step.programs) {
    if (!isForTarget(program, view)) continue;
    const content = contentOf(program, { path: mounted, directory: program.directory ?? start });
    if (content !== undefined && (content.outlasts || isAtOnce(mount))) return content;
  }
  return undefined;
}

function isAtOnce({ options }: Mount): boolean {
  return (options.get("sharing") ?? "shared").toLowerCase() === "shared";
}

/** What runs on the machine that builds makes files for it, unless it is told the target. */
function isForTarget({ name, args, step: { stage } }: Program, view: TargetView): boolean {
  if (isTargets(stage, view)) return true;
  const isTold = args.some(({ segments }) =>
    segments.some(({ variable }) => /^TARGET(?:ARCH|PLATFORM|VARIANT)$/.test(variable ?? "")),
  );
  return stage.isBuilders && isTold && /^(?:cmake|meson|zig)$/.test(name);
}

function findingOf(cache: Filled, isMendable: boolean, target: Platform): Finding {
  const { flag, step, id, mount, content } = cache;
  const { name, severity, outlasts, effect, failure } = content;
  const keyed = `${id}-$TARGETARCH`;
  const isDeclared = step.variables.has("TARGETARCH");
  const how =
    outlasts && !isAtOnce(mount) ? `, sharing=${mount.options.get("sharing")} or not` : "";
  const when = outlasts ? "" : " where they are built at once";
  const edits = isMendable ? editsFor(cache, keyed, isDeclared) : [];
  return {
    severity,
    range: flag.range,
    message: `Built for ${formatPlatform(target)}, this cache is ${name} and has the same id ${id} as on every other platform${how}: ${effect}${when}.`,
    failure,
    hint: `Give each architecture its own: id=${keyed}${isDeclared ? "" : ", and before it ARG TARGETARCH"}`,
    ...(edits.length === 0 ? {} : { edits }),
  };
}

/** None for what an ONBUILD of another stage holds: its variables are declared elsewhere. */
function editsFor({ flag, step }: SharedCache, id: string, isDeclared: boolean): readonly Edit[] {
  const declared = declarationIn(step, "TARGETARCH");
  const edit = keyedBy(flag, id);
  if (edit === undefined || declared.length === 0) return [];
  return isDeclared ? [edit] : [edit, ...declared];
}

/** The id alone is written anew; nothing is where quotes or continuations are in the flag. */
function keyedBy({ value = "", range }: Flag, id: string): Edit | undefined {
  const isPlain =
    range.line === range.endLine && range.endColumn - range.column === `--mount=${value}`.length;
  if (!isPlain || /["'\\`]/.test(value)) return undefined;
  const written = /(?:^|,)id=([^,]*)/i.exec(value);
  if (written === null)
    return { range: emptyAt(range.endLine, range.endColumn), text: `,id=${id}` };
  const end = range.column + "--mount=".length + written.index + written[0].length;
  return { range: emptyAt(range.line, end), text: written[1] === "" ? id : "-$TARGETARCH" };
}

function emptyAt(line: number, column: number) {
  return { line, column, endLine: line, endColumn: column };
}
