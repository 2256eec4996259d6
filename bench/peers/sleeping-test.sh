#!/usr/bin/env bash
# What is usually pasted into a pipeline for the questions that `transship test` asks: it sleeps where it could look.
# Usage: sleeping-test.sh IMAGE PLATFORM [PORT]
set -euo pipefail

image=$1
platform=$2
port=${3:-18080}
name=sleeping-test-$$
trap 'docker rm --force "$name" >/dev/null 2>&1 || true' EXIT

echo "Architecture of the image"
docker image inspect --format '{{.Architecture}}/{{.Os}}' "$image"

echo "Starting the container"
docker run --detach --name "$name" --platform "$platform" --publish "$port:8080" "$image"
sleep 10
test "$(docker inspect --format '{{.State.Running}}' "$name")" = true

echo "Architecture at run time"
docker exec "$name" uname -m

echo "Processes"
docker top "$name"
test "$(docker inspect --format '{{.RestartCount}}' "$name")" = 0

echo "Waiting for the service"
sleep 5
curl --fail --silent --show-error --max-time 10 "http://127.0.0.1:$port/health"
curl --fail --silent --show-error --max-time 10 "http://127.0.0.1:$port/api/healthchecker"

echo "Resources"
docker stats --no-stream "$name"

echo "Stopping"
docker stop "$name"
