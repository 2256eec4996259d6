const options = /^(?:-[ip] (?:\S*'[^']*'|\S+) )+/;

/** A server as it is spoken of: `me@server`, of what is typed behind `ssh` (`-i ~/.ssh/deploy -p 2222 me@server`). */
export function placeIn(target: string): string {
  // The page of errors gives a list of one word, which has no text's methods.
  return [target].join("").replace(options, "");
}
