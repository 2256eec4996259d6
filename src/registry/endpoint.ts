/** Where a registry answers, and which of the addresses that it hands out are followed. */

/** `docker.io` is a name of images; its registry has another (github.com/moby/moby `registry/config.go`). */
function registryHost(registry: string): string {
  return registry === "docker.io" ? "registry-1.docker.io" : registry;
}

/** Whether `host[:port]` is this machine itself: `localhost`, 127.0.0.0/8 or `[::1]`. */
export function isLoopback(host: string): boolean {
  const name = host.startsWith("[")
    ? host.slice(0, host.indexOf("]") + 1)
    : host.replace(/:\d+$/, "");
  return (
    name === "localhost" ||
    name === "[::1]" ||
    /^127(?:\.(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])){3}$/.test(name)
  );
}

/**
 * The addresses under which the registry may answer, the first that does being it. Plain HTTP is tried on the machine's
 * own loopback only, and used for another host when that was asked for.
 */
export function candidateBases(registry: string, plainHttp: boolean): readonly URL[] {
  const host = registryHost(registry);
  if (plainHttp) return [new URL(`http://${host}/v2/`)];
  const secure = new URL(`https://${host}/v2/`);
  return isLoopback(host) ? [secure, new URL(`http://${host}/v2/`)] : [secure];
}

/**
 * The address of an upload session from the `Location` that the registry gave, which may be relative. A registry behind
 * a proxy that ends TLS often calls itself `http`; the scheme is then the one that we came by, never a weaker one.
 */
export function uploadLocation(location: string, requested: URL): URL {
  const url = new URL(location, requested);
  if (requested.protocol === "https:" && url.protocol === "http:") {
    if (url.hostname !== requested.hostname) {
      throw new TypeError(`it wants the upload sent to ${url.origin}, without TLS`);
    }
    url.protocol = "https:";
    url.port = requested.port;
  }
  return url;
}

/** The location with one more query parameter, whatever it holds already kept byte for byte. */
export function withQuery(url: URL, name: string, value: string): URL {
  const added = new URL(url);
  const separator = added.search === "" ? "?" : `${added.search}&`;
  added.search = `${separator}${name}=${encodeURIComponent(value)}`;
  return added;
}
