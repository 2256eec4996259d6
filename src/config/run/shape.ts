/** Shapes that recur in what Compose writes. Older ones write numbers where newer ones write texts, and one where they write a list. */
import * as z from "zod";

export const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);

export const texts = z.union([text.transform((one) => [one]), z.array(text)]);

export const pairs = z.record(
  z.string(),
  text.nullable().transform((value) => value ?? ""),
);
