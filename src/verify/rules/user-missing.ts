/** The user that the image names. */
import type { Rule } from "./rule.ts";

export const userMissing: Rule = {
  id: "user-missing",
  title: "The user or group that the image names is not in it",
  what: "Looks up `USER` in /etc/passwd and /etc/group of the image. Numbers need no entry.",
  why: "runc refuses to start the container: `unable to find user app: no matching entries in passwd file`.",
  example: "FROM scratch\nUSER app",
  fix: "Create it (RUN useradd app, adduser -D app), copy /etc/passwd, or name its number: USER 1000",
};
