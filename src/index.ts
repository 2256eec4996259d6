/** Transship as a library: the verbs as functions. */
export { build, type BuildOptions, type BuildResult } from "./build/build.ts";
export { buildServices, type ServiceBuild, type ServiceOutcome } from "./build/services.ts";
export { type TestOptions, testImage, type TestResult } from "./compat/compat.ts";
export { type Config, readConfig } from "./config/config.ts";
export { type Context, createContext } from "./context.ts";
export { doctor, type DoctorOptions, type DoctorResult } from "./doctor/doctor.ts";
export { isFailure, TransshipError } from "./errors.ts";
export { parseSubject, type Subject } from "./image/subject.ts";
export { lint, type LintOptions, type LintResult } from "./lint/lint.ts";
export { setup, type SetupOptions, type SetupResult } from "./setup/setup.ts";
export { type ArchiveOptions, type ArchiveResult, writeArchive } from "./ship/archive/archive.ts";
export { ship, type ShipOptions, type ShipResult } from "./ship/ship.ts";
export { listStore, type ListOptions, type StoreListing } from "./store/list.ts";
export { type PruneOptions, type PruneResult, pruneStore } from "./store/prune.ts";
export { verify, type VerifyOptions, type VerifyResult } from "./verify/verify.ts";
