/** What goes wrong where a cache is written or read. An import that fails is only told: BuildKit builds without it. */
import { fail } from "../../errors.ts";
import { clause, lastError, type Rule } from "./failed-build.ts";

const exporting: Rule = ({ words, step }) => {
  const error = lastError(words);
  const isStep = /^exporting (?:cache|to (?:GitHub|gha|S3|Azure))/i.test(step?.name ?? "");
  const isNamed =
    /failed to configure \S+ cache exporter|unknown cache exporter|cache export feature is currently not supported|Cache export is not supported/i;
  if (!isStep && !isNamed.test(error)) return undefined;
  return fail("CACHE_EXPORT_FAILED", { reason: clause(isStep ? (step?.error ?? error) : error) });
};

export const cacheRules: readonly Rule[] = [exporting];
