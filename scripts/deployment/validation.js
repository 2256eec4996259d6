// The result of validate-image-architecture.sh, made from the document of `transship verify --json` on standard input.
// Plain JavaScript for Node 20. Its keys are those that the shell version's pipelines read; they stay.
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { parseArgs, styleText } from "node:util";

/**
 * @typedef {{ rule: string, severity: string, message: string, fix?: string }} Finding
 * @typedef {{ code: string, message: string, hint?: string }} Problem
 * @typedef {{
 *   label: { architecture: string, os: string, variant?: string },
 *   verdict: string, findings: Finding[], unproven: string[]
 * }} Platform
 * @typedef {{
 *   verdict?: string, error?: Problem, platforms?: Platform[],
 *   image?: { name: string, id: string, sizeBytes: number, created?: string }
 * }} Document
 * @typedef {{ image: string, arch: string, os: string, status: number, detailed: boolean }} Expected
 */

/** What people and the kernel write for an architecture; the rest is written as it is expected. */
const architectures = new Map([
  ["x86_64", "amd64"],
  ["x86-64", "amd64"],
  ["aarch64", "arm64"],
  ["armhf", "arm/v7"],
  ["armv7l", "arm/v7"],
  ["i386", "386"],
  ["i686", "386"],
]);

/**
 * The documented JSON. Sizes are bytes and mebibytes; what could not be read is null.
 * @param {Document} document
 * @param {Expected} expected
 */
export function validationOf(document, { image: name, arch, os: expectedOs, status, detailed }) {
  const { image, platforms: [platform] = [], error } = document;
  const word = arch.toLowerCase();
  const expectedArchitecture = architectures.get(word) ?? word;
  const [architecture, variant] = expectedArchitecture.split("/");
  const label = platform?.label;
  const hasArchitecture =
    label !== undefined &&
    (architectures.get(label.architecture) ?? label.architecture) === architecture &&
    (variant === undefined || label.variant === undefined || label.variant === variant);
  const hasOs = label !== undefined && label.os === expectedOs.toLowerCase();
  const isValid =
    status === 0 &&
    error === undefined &&
    document.verdict !== "refuted" &&
    hasArchitecture &&
    hasOs;
  const all = document.platforms ?? [];
  return {
    image_name: image?.name ?? name,
    image_id: image?.id ?? null,
    actual_architecture: label?.architecture ?? null,
    actual_os: label?.os ?? null,
    expected_architecture: expectedArchitecture,
    expected_os: expectedOs.toLowerCase(),
    platform_string: label === undefined ? null : platformString(label),
    size_bytes: image?.sizeBytes ?? null,
    size_mb: image === undefined ? null : Math.round(image.sizeBytes / 1024 / 10.24) / 100,
    created_date: image?.created ?? null,
    validation_result: isValid ? "pass" : "fail",
    architecture_match: hasArchitecture,
    os_match: hasOs,
    verdict: document.verdict ?? null,
    ...(error === undefined ? {} : { error: error.message, error_code: error.code }),
    ...(detailed
      ? {
          findings: all.flatMap(({ findings }) => findings),
          not_checked: [...new Set(all.flatMap(({ unproven }) => unproven))],
        }
      : {}),
  };
}

/** @param {{ architecture: string, os: string, variant?: string }} label */
function platformString({ architecture, os, variant }) {
  return [os, architecture, variant].filter((one) => one !== undefined && one !== "").join("/");
}

/**
 * The same for people.
 * @param {ReturnType<typeof validationOf>} validation
 * @param {(colour: "green" | "red" | "dim", text: string) => string} style
 */
export function validationText(validation, style) {
  const isValid = validation.validation_result === "pass";
  if (validation.error !== undefined) {
    return style("red", `✗ ${validation.image_name} could not be validated: ${validation.error}`);
  }
  /** @param {boolean} isSame @param {string} expected */
  const compared = (isSame, expected) =>
    isSame ? style("green", "✓") : style("red", `✗ expected ${expected}`);
  const { architecture_match: hasArchitecture, os_match: hasOs } = validation;
  return [
    `Image         ${validation.image_name}`,
    `ID            ${validation.image_id}`,
    `Architecture  ${validation.actual_architecture} ${compared(hasArchitecture, validation.expected_architecture)}`,
    `System        ${validation.actual_os} ${compared(hasOs, validation.expected_os)}`,
    `Size          ${validation.size_mb} MiB`,
    `Created       ${validation.created_date ?? "unknown"}`,
    ...(validation.findings ?? []).map(findingLine),
    ...(validation.not_checked ?? []).map((one) => style("dim", `Not checked   ${one}`)),
    isValid
      ? style("green", `✓ Validation passed: ${validation.platform_string}`)
      : style(
          "red",
          `✗ Validation failed${validation.findings ? "" : "; what was found: --detailed"}`,
        ),
  ].join("\n");
}

/** @param {Finding} finding */
function findingLine({ rule, severity, message, fix }) {
  return `${severity}[${rule}] ${message}${fix === undefined ? "" : `\n  → ${fix}`}`;
}

/**
 * 0 when validation passes, 1 when it fails; a misuse, a bug and an interrupt keep their own.
 * @param {string} result
 * @param {number} status
 */
export function exitCodeOf(result, status) {
  if (status === 2 || status >= 70) return status;
  return result === "pass" ? 0 : 1;
}

/**
 * The document of the same checkout's or package's own command line; an empty one when that was ended before it wrote any.
 * @param {string} input
 * @returns {Document}
 */
function readDocument(input) {
  try {
    /** @type {unknown} */
    const document = JSON.parse(input);
    if (typeof document === "object" && document !== null) return document;
  } catch {
    // Said below.
  }
  return { error: { code: "NO_RESULT", message: "transship verify ended without a result." } };
}

async function main() {
  const { values } = parseArgs({
    options: {
      image: { type: "string", default: "" },
      arch: { type: "string", default: "amd64" },
      os: { type: "string", default: "linux" },
      status: { type: "string", default: "0" },
      json: { type: "boolean", default: false },
      detailed: { type: "boolean", default: false },
    },
  });
  const status = Number(values.status);
  const validation = validationOf(readDocument(await text(process.stdin)), { ...values, status });
  const { FORCE_COLOR: force = "0", NO_COLOR: none = "" } = process.env;
  const isColoured = force !== "0" || (process.stdout.isTTY && none === "");
  const shown = values.json
    ? JSON.stringify(validation, undefined, 2)
    : validationText(validation, (colour, line) => (isColoured ? styleText(colour, line) : line));
  process.stdout.write(`${shown}\n`);
  process.exitCode = exitCodeOf(validation.validation_result, status);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
