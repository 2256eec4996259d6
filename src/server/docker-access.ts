/** How a login on a server reaches its engine: as a member of the docker group, as root, or through `sudo -n`. */

export type DockerAccess = "docker" | "sudo -n docker";

/**
 * What a script begins with: a login by ssh has a shorter PATH than one at a terminal, and Docker Desktop, Homebrew and snap put
 * their programs elsewhere.
 */
export const searchPath = `PATH="$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:/snap/bin:/opt/homebrew/bin"; export PATH`;
