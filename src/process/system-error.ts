/** Whether an unknown thrown value is the operating system's error of one of those names (errno(3)). */
export function isSystemError(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
