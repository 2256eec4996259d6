/** A server as it is spoken of: `me@server`, of what is typed behind `ssh` (`-i ~/.ssh/deploy -p 2222 me@server`). */
export function placeIn(target: string): string {
  // The page of errors shows the fact by its name, in a list.
  return String(target).replace(/^(?:-[ip] (?:\S*'[^']*'|\S+) )+/, "");
}
