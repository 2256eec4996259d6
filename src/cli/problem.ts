/** What is wrong with a command line that cannot be parsed, in a sentence that names the flag or the argument. */
import { ArgumentScannerError, formatMessageForArgumentScannerError } from "@stricli/core";

export function scannerProblem(error: unknown): string {
  if (!(error instanceof ArgumentScannerError))
    return error instanceof Error ? error.message : String(error);
  return formatMessageForArgumentScannerError(error, {
    FlagNotFoundError: ({ input, corrections }) =>
      `There is no flag --${input}.${didYouMean(corrections.map(flag))}`,
    AliasNotFoundError: ({ input }) => `There is no flag -${input}.`,
    ArgumentParseError: ({ externalFlagNameOrPlaceholder: name, input, exception }) =>
      `"${input}" does not fit ${/^[a-z]/.test(name) ? flag(name) : name}: ${reasonOf(exception)}.`,
    EnumValidationError: ({ externalFlagName, input, values }) =>
      `${flag(externalFlagName)} is one of ${values.join(", ")}, and "${input}" is none.`,
    UnsatisfiedFlagError: ({ externalFlagName }) => `${flag(externalFlagName)} wants a value.`,
    UnexpectedFlagError: ({ externalFlagName }) =>
      `${flag(externalFlagName)} is given more than once.`,
    UnsatisfiedPositionalError: ({ placeholder }) => `The ${placeholder} is missing.`,
    UnexpectedPositionalError: ({ input }) => `"${input}" is one argument too many.`,
  });
}

function reasonOf(exception: unknown): string {
  const text = exception instanceof Error ? exception.message : String(exception);
  return text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, "");
}

export function didYouMean(corrections: readonly string[]): string {
  return corrections.length === 0 ? "" : ` Did you mean ${corrections.join(" or ")}?`;
}

/** `--older-than` for `olderThan`, as the help has it. */
function flag(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
