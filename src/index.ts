/** Transship as a library: the verbs as functions. */
export { type Context, createContext } from "./context.ts";
export { isFailure, TransshipError } from "./errors.ts";
