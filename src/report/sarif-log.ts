/** As much of SARIF 2.1.0 as we write (https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json). */

export interface SarifLog {
  readonly $schema: string;
  readonly version: "2.1.0";
  readonly runs: readonly Run[];
}

interface Run {
  readonly tool: { readonly driver: Driver };
  readonly columnKind: "utf16CodeUnits";
  readonly results: readonly Result[];
  readonly invocations?: readonly Invocation[];
}

interface Driver {
  readonly name: string;
  readonly version: string;
  readonly informationUri?: string;
  readonly rules: readonly ReportingDescriptor[];
}

export interface ReportingDescriptor {
  readonly id: string;
  readonly name: string;
  readonly shortDescription: Message;
  readonly fullDescription: Message;
  readonly help: Message & { readonly markdown: string };
  readonly defaultConfiguration: { readonly level: Level };
  readonly properties: { readonly tags: readonly string[]; readonly precision: string };
}

export interface Result {
  readonly ruleId: string;
  /** In the driver's `rules`. */
  readonly ruleIndex: number;
  readonly level: Level;
  readonly message: Message;
  readonly locations: readonly { readonly physicalLocation: PhysicalLocation }[];
  readonly fixes?: readonly Fix[];
  readonly properties: { readonly platforms: readonly string[] };
}

interface PhysicalLocation {
  readonly artifactLocation: ArtifactLocation;
  readonly region: Region;
}

export interface ArtifactLocation {
  readonly uri: string;
  readonly uriBaseId?: string;
}

/** Lines and columns from 1, the end column exclusive; a region that ends where it starts is a place to put something in. */
export interface Region {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export interface Fix {
  readonly description: Message;
  readonly artifactChanges: readonly {
    readonly artifactLocation: ArtifactLocation;
    readonly replacements: readonly {
      readonly deletedRegion: Region;
      readonly insertedContent: Message;
    }[];
  }[];
}

interface Invocation {
  readonly executionSuccessful: boolean;
  readonly toolExecutionNotifications: readonly {
    readonly level: Level;
    readonly message: Message;
  }[];
}

interface Message {
  readonly text: string;
}

type Level = "error" | "warning";
