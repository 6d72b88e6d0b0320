/** A real nginx on loopback, which serves a folder of its own. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Running, run, start } from "./run.ts";

/** nginx runs, and what it serves. */
export interface Nginx {
  /** Files in it are served. */
  readonly folder: string;
  readonly http: string;
  readonly https: string;
  /** The certificate that https has, which is its own authority. */
  readonly certificate: string;
  stop(): Promise<void>;
}

/** A port of loopback that is free now. */
async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address !== null
          ? resolve(address.port)
          : reject(new Error("no port")),
      );
    });
  });
}

function configuration(home: string, httpPort: number, httpsPort: number): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${home}/tmp-${name};`,
  );
  return `daemon off;
worker_processes 1;
pid ${home}/nginx.pid;
error_log ${home}/error.log;
events { worker_connections 256; }
http {
  access_log off;
  ${temporary.join("\n  ")}
  types { application/vnd.apple.mpegurl m3u8; video/mp2t ts; text/html html; }
  gzip on;
  gzip_types application/vnd.apple.mpegurl;
  gzip_min_length 1;
  server {
    listen 127.0.0.1:${httpPort};
    listen 127.0.0.1:${httpsPort} ssl;
    ssl_certificate ${home}/cert.pem;
    ssl_certificate_key ${home}/key.pem;
    root ${home}/www;
    location /old/ { return 302 /; }
    location = /moved.m3u8 { return 302 /vod.m3u8; }
    location /private/ { alias ${home}/www/; auth_basic "streams"; auth_basic_user_file ${home}/users; }
  }
}
`;
}

/** Starts nginx; it is there when the promise is kept. The login of \`/private/\` is user and secret. */
export async function startNginx(): Promise<Nginx> {
  const home = mkdtempSync(join(tmpdir(), "rscap-nginx-"));
  const folder = join(home, "www");
  mkdirSync(folder);
  // nginx as root serves as another user.
  await run(["chmod", "755", home, folder]);
  const subject = ["-subj", "/CN=rscap test", "-addext", "subjectAltName=IP:127.0.0.1"];
  const files = ["-keyout", join(home, "key.pem"), "-out", join(home, "cert.pem")];
  const made = await run([
    "openssl",
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    ...subject,
    ...files,
  ]);
  if (made.exitCode !== 0) throw new Error(`openssl: ${made.stderr}`);
  writeFileSync(join(home, "users"), "user:{PLAIN}secret\n");
  const [httpPort, httpsPort] = [await freePort(), await freePort()];
  writeFileSync(join(home, "nginx.conf"), configuration(home, httpPort, httpsPort));
  const nginx: Running = start(
    ["nginx", "-p", home, "-c", join(home, "nginx.conf"), "-e", join(home, "error.log")],
    {
      limitMs: 300_000,
    },
  );
  const http = `http://127.0.0.1:${httpPort}`;
  writeFileSync(join(folder, "ready"), "ready");
  for (let i = 0; ; i++) {
    const there = await fetch(`${http}/ready`).then(
      (response) => response.ok,
      () => false,
    );
    if (there) break;
    if (i === 200 || nginx.process.exitCode !== null)
      throw new Error(`nginx does not answer: ${nginx.stderr}`);
    await Bun.sleep(50);
  }
  return {
    folder,
    http,
    https: `https://127.0.0.1:${httpsPort}`,
    certificate: join(home, "cert.pem"),
    async stop() {
      await nginx.stop("SIGTERM");
      rmSync(home, { recursive: true, force: true });
    },
  };
}
