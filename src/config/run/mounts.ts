/** The volumes of a service, as docker's `--volume` takes them, and as `--mount` where that one has no word for it. */
import path from "node:path";
import { csvField } from "../../engine/build.ts";
import type { Mount } from "./keys.ts";
import { type RunQuestion, wayOf } from "./question.ts";
import { problem, type Reading, type Remark, warning } from "./remark.ts";
import { type Written, writtenVolume } from "./written.ts";

export interface Mounts {
  readonly volumes: readonly string[];
  /** Words of `docker create`. */
  readonly options: readonly string[];
}

export function mountsOf(question: RunQuestion): Reading<Mounts> {
  const readings = question.keys.volumes.map((mount) => mounted(mount, question));
  return {
    value: {
      volumes: readings.flatMap(({ value }) => value.volumes),
      options: readings.flatMap(({ value }) => value.options),
    },
    remarks: readings.flatMap(({ remarks }) => remarks),
  };
}

function mounted(mount: Mount, question: RunQuestion): Reading<Mounts> {
  const written = writtenVolume(wayOf(question, "volumes"), mount.target, question.sources);
  const { type, source, target } = mount;
  switch (type) {
    case "bind":
      return { value: bound(mount), remarks: bindRemarks(mount, written, question.directory) };
    case "volume": {
      if (source !== "")
        return {
          value: named(mount, question.project.volumes[source]?.name ?? source),
          remarks: [],
        };
      const text = `The volume ${target} has no name, and so is a new and empty one in every release.`;
      return { value: named(mount, ""), remarks: [warning(written.way, text)] };
    }
    case "tmpfs":
      return { value: inMemory(mount), remarks: [] };
    default: {
      const text = `The volume ${target} is of the type ${type}; a deploy knows bind, volume and tmpfs.`;
      return { value: { volumes: [], options: [] }, remarks: [problem(written.way, text)] };
    }
  }
}

/** `--volume` makes a directory that is not there, as Compose does with `create_host_path`; `--mount` fails, as it does without. */
function bound({ source, target, read_only: isReadOnly, bind }: Mount): Mounts {
  const { propagation, selinux, recursive, create_host_path: isMade = false } = bind ?? {};
  const isShort = selinux !== undefined || (isMade && recursive === undefined);
  if (isShort && !`${source}${target}`.includes(":")) {
    const words = [isReadOnly ? "ro" : "", propagation ?? "", selinux ?? ""];
    return { volumes: [short(source, target, words)], options: [] };
  }
  return long(["type=bind", `source=${source}`, `target=${target}`], isReadOnly, [
    propagation === undefined ? "" : `bind-propagation=${propagation}`,
    recursive === undefined ? "" : `bind-recursive=${recursive}`,
  ]);
}

function named({ target, read_only: isReadOnly, volume }: Mount, name: string): Mounts {
  const { nocopy: isNotCopied = false, subpath = "" } = volume ?? {};
  if (subpath === "") {
    const words = [isReadOnly ? "ro" : "", isNotCopied ? "nocopy" : ""];
    return { volumes: [short(name, target, words)], options: [] };
  }
  return long(["type=volume", `source=${name}`, `target=${target}`], isReadOnly, [
    `volume-subpath=${subpath}`,
    isNotCopied ? "volume-nocopy" : "",
  ]);
}

function inMemory({ target, read_only: isReadOnly, tmpfs }: Mount): Mounts {
  const { size, mode } = tmpfs ?? {};
  return long(["type=tmpfs", `target=${target}`], isReadOnly, [
    size === undefined ? "" : `tmpfs-size=${size}`,
    mode === undefined ? "" : `tmpfs-mode=${mode.toString(8)}`,
  ]);
}

function short(source: string, target: string, words: readonly string[]): string {
  const options = words.filter((word) => word !== "").join(",");
  return [source, target, options].filter((part) => part !== "").join(":");
}

function long(fields: readonly string[], isReadOnly: boolean, more: readonly string[]): Mounts {
  const all = [...fields, isReadOnly ? "readonly" : "", ...more].filter((field) => field !== "");
  return { volumes: [], options: ["--mount", all.map(csvField).join(",")] };
}

function bindRemarks(
  { source, bind }: Mount,
  { way, source: words = source }: Written,
  directory: string,
): readonly Remark[] {
  if (/^[.~]/.test(words) || isWithin(source, directory)) {
    const text = `The volume ${words} is a directory of this machine, and a server does not have it. Write an absolute path of the server or a volume's name, give single files as configs, or leave it to a compose file that only development reads.`;
    return [problem(way, text)];
  }
  if (bind?.selinux === undefined || bind.recursive === undefined) return [];
  return [
    warning(
      way,
      `bind.recursive of ${source} is left out: docker has no word for it beside selinux.`,
    ),
  ];
}

function isWithin(file: string, directory: string): boolean {
  // Of a project that lies at the very top everything would be.
  if (path.dirname(directory) === directory) return false;
  const relative = path.relative(directory, file);
  return relative.split(path.sep)[0] !== ".." && !path.isAbsolute(relative);
}
