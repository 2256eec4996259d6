FROM denoland/deno:alpine-2.0.0
WORKDIR /app
COPY deno.json deno.lock ./
COPY main.ts .
RUN deno cache --lock=deno.lock main.ts
USER deno
EXPOSE 8000
CMD ["run", "--allow-net", "main.ts"]
