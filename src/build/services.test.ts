import assert from "node:assert/strict";
import { test } from "node:test";
import { inOrder, type ServiceBuild } from "./services.ts";

function service(name: string, ...needs: readonly string[]): ServiceBuild {
  return { name, options: {}, needs: needs.map((one) => ({ name: one, service: one })) };
}

const orders: readonly (readonly [readonly ServiceBuild[], string])[] = [
  [[], ""],
  [[service("b"), service("a")], "b a"],
  [[service("web", "base"), service("other"), service("base")], "base web other"],
  [[service("a", "b"), service("b", "c"), service("c")], "c b a"],
  // What is not built here is not waited for; a circle has an end.
  [[service("a", "elsewhere")], "a"],
  [[service("a", "b"), service("b", "a")], "b a"],
];
for (const [services, expected] of orders) {
  test(`${services.map(({ name }) => name).join(" ")} are built in the order ${expected}`, () => {
    assert.equal(
      inOrder(services)
        .map(({ name }) => name)
        .join(" "),
      expected,
    );
  });
}
