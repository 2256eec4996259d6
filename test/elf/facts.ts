/** What an ELF file of a test says of itself beside its symbols: notes, build attributes, Go's build. */
import { type ElfFormat, ElfWriter } from "./writer.ts";

export interface NoteOptions {
  /** Hexadecimal. */
  readonly buildId?: string;
  readonly goBuildId?: string;
  /** The least kernel: `[3, 2, 0]`. */
  readonly leastKernel?: readonly [number, number, number];
  /** Bits of `GNU_PROPERTY_X86_ISA_1_NEEDED`: 1 is the baseline, 2 v2, 4 v3, 8 v4. */
  readonly x86Needed?: number;
}

export interface GoBuildOptions {
  /** `go1.26.8`. */
  readonly version: string;
  readonly settings?: Readonly<Record<string, string>>;
}

export function notes(
  format: ElfFormat,
  { buildId, goBuildId, leastKernel, x86Needed }: NoteOptions,
): { readonly plain: Buffer; readonly property: Buffer } {
  const plain = [
    ...(buildId === undefined ? [] : [note(format, "GNU", 3, Buffer.from(buildId, "hex"))]),
    ...(goBuildId === undefined ? [] : [note(format, "Go\0", 4, Buffer.from(goBuildId))]),
    ...(leastKernel === undefined
      ? []
      : [note(format, "GNU", 1, new ElfWriter(format).int(0, ...leastKernel).done())]),
  ];
  const step = format.bits / 8;
  const content = new ElfWriter(format)
    .int(0xc0008002, 4, x86Needed ?? 0)
    .align(step)
    .done();
  return {
    plain: Buffer.concat(plain),
    property: x86Needed === undefined ? Buffer.alloc(0) : note(format, "GNU", 5, content, step),
  };
}

function note(format: ElfFormat, owner: string, type: number, content: Buffer, step = 4): Buffer {
  const name = Buffer.from(`${owner}\0`);
  return new ElfWriter(format)
    .int(name.byteLength, content.byteLength, type)
    .bytes(name)
    .align(step)
    .bytes(content)
    .align(step)
    .done();
}

/** The section and, behind it, the section headers that lead to it. */
export function armAttributes(
  format: ElfFormat,
  offset: number,
  attributes: readonly number[],
): readonly Buffer[] {
  const values = Uint8Array.from(attributes);
  const vendor = Buffer.from("aeabi\0");
  const file = new ElfWriter(format)
    .byte(1)
    .int(5 + values.byteLength)
    .bytes(values)
    .done();
  const content = new ElfWriter(format)
    .byte(0x41)
    .int(4 + vendor.byteLength + file.byteLength)
    .bytes(vendor)
    .bytes(file)
    .done();
  const headers = new ElfWriter(format)
    .bytes(new Uint8Array(format.bits === 64 ? 64 : 40))
    .int(0, 0x70000003)
    .word(0, 0, offset, content.byteLength)
    .int(0, 0)
    .word(1, 0);
  return [content, headers.done()];
}

/** As Go writes it since 1.18: the texts follow the header. */
export function goBuildInfo({ version, settings = {} }: GoBuildOptions): Uint8Array {
  const lines = Object.entries(settings).map(([name, value]) => `build\t${name}=${value}\n`);
  const frame = "0123456789abcdef";
  const header = Buffer.alloc(32);
  header.write("\xff Go buildinf:", "latin1");
  header.set([8, 2], 14);
  return Buffer.concat([
    header,
    text(version),
    text(`${frame}path\texample.org/app\n${lines.join("")}${frame}`),
  ]);
}

/** A text after its length as a varint. */
function text(value: string): Buffer {
  const length: number[] = [];
  let left = Buffer.byteLength(value);
  for (; left >= 0x80; left = Math.floor(left / 128)) length.push((left % 128) + 128);
  return Buffer.concat([Uint8Array.of(...length, left), Buffer.from(value)]);
}
