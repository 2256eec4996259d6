/**
 * A web server of some 400 bytes, whole without any library: the service that the doctor builds, verifies and tests. It answers
 * every connection to port 8080 with HTTP 200. Its sources are the `.s` files beside this one; a test assembles them again and
 * compares byte for byte.
 */
import type { Architecture, Platform } from "../platform/platform.ts";

/** Base64; line ends do not count. */
const programs: Readonly<Partial<Record<Architecture, string>>> = {
  amd64: `
    f0VMRgIBAQAAAAAAAAAAAAIAPgABAAAAsABAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAEAAOAACAAAAAAAAAAEAAAAFAAAAAAAA
    AAAAAAAAAEAAAAAAAAAAQAAAAAAAlQEAAAAAAACVAQAAAAAAAAAQAAAAAAAAUeV0ZAYAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    AAAAAAAAAAAAAAAAAAAAAAAAEAAAAAAAAABIgewAEAAAvwIAAAC+AQAAADHSuCkAAAAPBUGJxInHSI01cwAAALoQAAAAuDEAAAAP
    BYXAdVhEiee+EAAAALgyAAAADwWFwHVFRInnMfYx0rgrAAAADwWFwHjuQYnFicdIiea6ABAAADHADwVEie9IjTUzAAAAujwAAAC4
    AQAAAA8FRInvuAMAAAAPBeu7icf337g8AAAADwUCAB+QAAAAAAAAAAAAAAAASFRUUC8xLjEgMjAwIE9LDQpDb250ZW50LUxlbmd0
    aDogMw0KQ29ubmVjdGlvbjogY2xvc2UNCg0Kb2sK`,
  arm64: `
    f0VMRgIBAQAAAAAAAAAAAAIAtwABAAAAsABAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAEAAOAACAAAAAAAAAAEAAAAFAAAAAAAA
    AAAAAAAAAEAAAAAAAAAAQAAAAAAAnAEAAAAAAACcAQAAAAAAAAAAAQAAAAAAUeV0ZAYAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    AAAAAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAD/B0DRQACA0iEAgNICAIDSyBiA0gEAANTzAwAqIQQAEAICgNIIGYDSAQAA1EADADXg
    AxMqAQKA0igZgNIBAADUoAIANeADEyoBAIDSAgCA0kgZgNIBAADUYP//N/QDACrhAwCRAgCC0ugHgNIBAADU4AMUKuEBABCCB4DS
    CAiA0gEAANTgAxQqKAeA0gEAANTt//8X4AMAS6gLgNIBAADUAgAfkAAAAAAAAAAAAAAAAEhUVFAvMS4xIDIwMCBPSw0KQ29udGVu
    dC1MZW5ndGg6IDMNCkNvbm5lY3Rpb246IGNsb3NlDQoNCm9rCg==`,
};

/** The service for that platform; `undefined` where there is none. A static ELF program under 1 KiB. */
export function serviceProgram({
  architecture,
}: Pick<Platform, "architecture">): Uint8Array | undefined {
  const program = programs[architecture];
  return program === undefined ? undefined : Buffer.from(program, "base64");
}
