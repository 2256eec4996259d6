/** Breaks an ELF file in one place (System V ABI, "Object Files"). */

/** Bytes written over others, at their place. */
export function patched(bytes: Uint8Array, at: number, ...values: readonly number[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set(values, at);
  return copy;
}

/** Where things stand in the header: the same for both classes up to e_version. */
export const field = {
  class: 4,
  data: 5,
  version: 6,
  osabi: 7,
  abiVersion: 8,
  type: 16,
  machine: 18,
} as const;

const is64 = (bytes: Uint8Array) => bytes[field.class] === 2;

/** `e_phentsize`, two bytes. */
export function programHeaderSizeAt(bytes: Uint8Array): number {
  return is64(bytes) ? 54 : 42;
}

/** `e_phnum`, two bytes. */
export function programHeaderCountAt(bytes: Uint8Array): number {
  return is64(bytes) ? 56 : 44;
}

/** `e_flags`, four bytes. */
export function flagsAt(bytes: Uint8Array): number {
  return is64(bytes) ? 48 : 36;
}

/** Where the program headers end, which follow the ELF header. */
export function programHeadersEnd(bytes: Uint8Array): number {
  const count = bytes[programHeaderCountAt(bytes)] ?? 0;
  return is64(bytes) ? 64 + count * 56 : 52 + count * 32;
}
