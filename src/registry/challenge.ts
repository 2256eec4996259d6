/** The `WWW-Authenticate` header: how a registry wants to be asked (RFC 9110, section 11.6.1). */

export interface Challenge {
  /** `bearer`, `basic`: lower case. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
}

const schemePattern = /[\s,]*([\w!#$%&'*+.^`|~-]+)(?=\s|,|$)/y;
const parameterPattern = /[\s,]*([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/y;

/** Reads every challenge of the header, in its order. What is malformed ends the reading; what came before it stands. */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let position = 0;
  for (;;) {
    const parameter = matchAt(parameterPattern, header, position);
    const last = challenges.at(-1);
    if (parameter !== undefined && last !== undefined) {
      const [text, name = "", quoted, token] = parameter;
      last.parameters[name.toLowerCase()] = quoted?.replaceAll(/\\(.)/g, "$1") ?? token ?? "";
      position += text.length;
      continue;
    }
    const scheme = matchAt(schemePattern, header, position);
    if (scheme === undefined) return challenges;
    challenges.push({ scheme: (scheme[1] ?? "").toLowerCase(), parameters: {} });
    position += scheme[0].length;
  }
}

function matchAt(pattern: RegExp, text: string, position: number): RegExpExecArray | undefined {
  pattern.lastIndex = position;
  return pattern.exec(text) ?? undefined;
}
