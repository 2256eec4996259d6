/** The image that a verb works on, named as an argument or by `--image`. */
import { fail } from "../errors.ts";

const standard = "rustci:local-amd64";

/** The one positional argument of verbs that work on an image. */
export const imagePositional = {
  kind: "tuple",
  parameters: [
    {
      parse: String,
      brief: `The image; default ${standard}`,
      placeholder: "IMAGE",
      optional: true,
    },
  ],
} as const;

/** The image's name, for whatever is said before the two are compared. */
export function imageName(argument: string | undefined, flag: string | undefined): string {
  return argument ?? flag ?? standard;
}

/** @throws USAGE where both are named and differ */
export function refuseTwoImages(
  argument: string | undefined,
  flag: string | undefined,
  command: string,
): void {
  if (argument === undefined || flag === undefined || argument === flag) return;
  throw fail("USAGE", { problem: `Two images are named, ${argument} and ${flag}.`, command });
}
