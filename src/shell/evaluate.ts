/**
 * Goes through a shell's text as the shell would, without running anything: which commands are reached, and with which arguments.
 * What cannot be told is a hole in a text; of two ways that may both be gone each is gone, and its commands only may be reached.
 */
import { bodiesFor } from "./case.ts";
import { Environment } from "./environment.ts";
import { expandFields, expandWhole } from "./expand.ts";
import { expansionsAt } from "./expansions.ts";
import {
  type Ending,
  endings,
  type Evaluating,
  type Going,
  joined,
  negated,
  nothing,
  type Outcome,
  outside,
  type Place,
  type Reached,
  stretchAt,
  strongest,
  type UnsetUse,
} from "./going.ts";
import type { Case, For, If, List, Loop, ShellNode } from "./node.ts";
import { runSimple, testStatus } from "./simple.ts";
import { parseShell } from "./syntax.ts";
import { hole, isKnown, unknown, type Value, valueOf } from "./value.ts";

export interface Evaluation {
  readonly commands: readonly Reached[];
  readonly unset: readonly UnsetUse[];
  /** Whether all of the text was understood, and gone through. */
  readonly isComplete: boolean;
}

/** More than any script needs; loops within loops end here, and what doubles itself. */
const mostNodes = 2000;
const mostCharacters = 1_000_000;
/** So many variables to copy take as long as a node. */
const variablesOfNode = 10;
const deepest = 100;
const ofLoops = ["continue", "break"] as const;

export function evaluateShell(text: string, evaluating: Evaluating): Evaluation {
  const run = new Run(evaluating);
  const env = Environment.of(evaluating.variables, evaluating.directory, (count) =>
    run.spend(count),
  );
  run.goThrough(text, { env, offset: 0, isCertain: true });
  return { commands: run.commands, unset: run.unset, isComplete: !run.isCut };
}

class Run implements Going {
  readonly commands: Reached[] = [];
  readonly unset: UnsetUse[] = [];
  readonly evaluating: Evaluating;
  isCut = false;
  #depth = 0;
  #count = 0;
  #spent = 0;
  readonly #cost: number;

  constructor(evaluating: Evaluating) {
    this.evaluating = evaluating;
    this.#cost = 1 + Math.floor(evaluating.variables.size / variablesOfNode);
  }

  reach(command: Reached): void {
    this.commands.push(command);
  }

  spend(characters: number): boolean {
    this.#spent += characters;
    if (this.#spent > mostCharacters) this.isCut = true;
    return this.#spent <= mostCharacters;
  }

  noteUnset(use: UnsetUse): void {
    this.unset.push(use);
  }

  goThrough(text: string, place: Place): Outcome {
    const { list, isComplete } = parseShell(text);
    if (!isComplete) this.isCut = true;
    return this.go(list, place);
  }

  go(node: ShellNode, place: Place): Outcome {
    this.#count += 1;
    const { effort = { left: Infinity } } = this.evaluating;
    if (this.#count <= mostNodes) effort.left -= this.#cost;
    const isSpent = effort.left < 0 || !this.spend(0);
    if (this.#count > mostNodes || this.#depth > deepest || isSpent) {
      this.isCut = true;
      return { status: "unknown", output: { text: hole }, ends: "exit" };
    }
    this.#depth += 1;
    const outcome = this.#goInto(node, place);
    this.#depth -= 1;
    return outcome;
  }

  #goInto(node: ShellNode, place: Place): Outcome {
    switch (node.kind) {
      case "simple":
        return runSimple(node, place, this);
      case "list":
        return this.#list(node, place);
      case "pipeline":
        return this.#pipeline(node.parts, node.isNegated, place);
      case "if":
        return this.#if(node, place);
      case "while":
      case "until":
        return this.#loop(node, place);
      case "for":
        return this.#for(node, place);
      case "case":
        return this.#case(node, place);
      case "group":
        if (!node.isSubshell) return this.go(node.body, place);
        return outside(this.go(node.body, { ...place, env: place.env.fork() }), endings);
      case "function":
        place.env.functions.set(node.name, node.body);
        return nothing;
      case "test":
        return { ...nothing, status: testStatus(node.tokens, place, this) };
      case "arithmetic":
        // What it counts is not followed.
        for (const name of node.names) place.env.set(name, unknown);
        return { ...nothing, status: "unknown" };
    }
  }

  #list({ items }: List, place: Place): Outcome {
    let last: Outcome = nothing;
    let { isCertain } = place;
    let mayEnd: Ending | undefined;
    const outputs: Value[] = [];
    for (const { joint, node } of items) {
      if (!this.spend(0)) break;
      if (joint !== "&&" && joint !== "||") isCertain = place.isCertain && mayEnd === undefined;
      else if (last.status === (joint === "&&" ? "failure" : "success")) continue;
      else if (last.status === "unknown" || (joint === "||" && last.status === "assumed"))
        isCertain = false;
      const isMaybe = place.isCertain && !isCertain;
      const env = isMaybe ? place.env.fork() : place.env;
      const outcome = this.go(node, { ...place, env, isCertain });
      outputs.push(outcome.output);
      // What ends says nothing of what comes behind.
      if (isMaybe && outcome.ends === undefined) place.env.merge([place.env.fork(), env]);
      mayEnd = strongest([mayEnd, outcome.mayEnd, isMaybe ? outcome.ends : undefined]);
      if (!isMaybe && outcome.ends !== undefined)
        return { ...outcome, output: joined(outputs), mayEnd };
      last = isMaybe ? { ...outcome, status: "unknown" } : outcome;
    }
    return { status: last.status, output: joined(outputs), mayEnd };
  }

  #pipeline(parts: readonly ShellNode[], isNegated: boolean, place: Place): Outcome {
    let outcome = nothing;
    let { input } = place;
    for (const part of parts) {
      const env = parts.length > 1 ? place.env.fork() : place.env;
      outcome = this.go(part, { ...place, env, input });
      input = outcome.output;
    }
    return isNegated ? { ...outcome, status: negated(outcome.status) } : outcome;
  }

  #if({ branches, otherwise }: If, place: Place): Outcome {
    for (const [at, { condition, body }] of branches.entries()) {
      const { status } = this.go(condition, place);
      if (status === "success") return this.go(body, place);
      if (status === "failure") continue;
      const rest = branches.slice(at + 1);
      const other: If = { kind: "if", branches: rest, ...(otherwise && { otherwise }) };
      return this.#either([(one) => this.go(body, one), (one) => this.go(other, one)], place);
    }
    return otherwise === undefined ? nothing : this.go(otherwise, place);
  }

  /** Its condition is gone through once for certain, and its body where that holds. */
  #loop({ kind, condition, body }: Loop, place: Place): Outcome {
    const { status, ends } = this.go(condition, place);
    if (ends !== undefined) return outside({ ...nothing, ends }, ofLoops);
    const [onward, done] = kind === "while" ? ["success", "failure"] : ["failure", "success"];
    if (status === done) return nothing;
    const round = (one: Place): Outcome => this.go(body, one);
    const outcome = status === onward ? round(place) : this.#either([round, () => nothing], place);
    return outside({ ...outcome, status: "unknown" }, ofLoops);
  }

  #for({ name, words, body }: For, place: Place): Outcome {
    const expansions = expansionsAt(place, this);
    const values = words?.flatMap((word) => [...expandFields(word, expansions)]);
    const [first] = words ?? [];
    const stretch = first && stretchAt(place, first.start, first.end);
    const range = stretch && this.evaluating.rangeOf(stretch.start, stretch.end);
    const outputs: Value[] = [];
    let ends: Ending | undefined;
    let mayEnd: Ending | undefined;
    for (const value of values?.map((field) => valueOf(field, range)) ?? [{ text: hole }]) {
      place.env.set(name, value);
      const isCertain = place.isCertain && mayEnd === undefined;
      const outcome = this.go(body, { ...place, isCertain });
      outputs.push(outcome.output);
      // A `continue` says nothing of the next time round.
      if (outcome.mayEnd !== "continue") mayEnd = strongest([mayEnd, outcome.mayEnd]);
      ({ ends } = outcome);
      if (ends !== undefined && ends !== "continue") break;
    }
    return outside({ status: "assumed", output: joined(outputs), ends, mayEnd }, ofLoops);
  }

  #case({ subject, items }: Case, place: Place): Outcome {
    const expansions = expansionsAt(place, this);
    const value = expandWhole(subject, expansions);
    const bodies = bodiesFor(value, items, expansions);
    const [only] = bodies;
    if (only === undefined) return nothing;
    if (bodies.length === 1 && isKnown(value)) return this.go(only, place);
    return this.#either(
      bodies.map((body) => (one) => this.go(body, one)),
      place,
    );
  }

  /** Each of several ways, of which nobody knows which one is gone. */
  #either(ways: readonly ((place: Place) => Outcome)[], place: Place): Outcome {
    const gone = ways.map((way) => {
      const env = place.env.fork();
      return { env, outcome: way({ ...place, env, isCertain: false }) };
    });
    const going = gone.filter(({ outcome }) => outcome.ends === undefined);
    // What ends there says nothing of what comes behind.
    place.env.merge(going.map(({ env }) => env));
    const endsBy = gone.map(({ outcome }) => outcome.ends);
    const mayEnd = strongest([...endsBy, ...gone.map(({ outcome }) => outcome.mayEnd)]);
    const texts = new Set(going.map(({ outcome }) => outcome.output.text));
    const [first] = going;
    const output = texts.size === 1 && first !== undefined ? first.outcome.output : { text: hole };
    if (going.length > 0) return { status: "unknown", output, mayEnd };
    // The one that leaves the least: what it goes on with is reached.
    const ends = endings.find((ending) => endsBy.includes(ending));
    return { status: "unknown", output, ends, mayEnd };
  }
}
