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

/** The file with another value in the first entry of its dynamic section that has that tag, at most 255; little-endian, both classes. */
export function withDynamicValue(bytes: Uint8Array, tag: number, value: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = is64(bytes) ? 8 : 4;
  const read = (at: number) =>
    is64(bytes) ? Number(view.getBigUint64(at, true)) : view.getUint32(at, true);
  const [table, entry] = is64(bytes) ? [64, 56] : [52, 32];
  const headers = Array.from(
    { length: bytes[programHeaderCountAt(bytes)] ?? 0 },
    (_, n) => table + n * entry,
  );
  const dynamic = headers.find((at) => view.getUint32(at, true) === 2);
  if (dynamic === undefined) throw new RangeError("it has no dynamic section");
  let at = read(dynamic + word);
  while (read(at) !== tag) at += 2 * word;
  return patched(bytes, at + word, value, 0, 0, 0);
}
