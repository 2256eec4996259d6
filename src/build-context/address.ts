/** Whether buildx fetches the build context from there, or reads it from standard input, instead of from a directory of this machine. */
export function isContextAddress(context: string): boolean {
  return /^(?:https?|git|ssh):\/\/|^git@|^github\.com\/|^-$/.test(context);
}
