/** hls.js in a headless Chromium: what a browser makes of a folder with playlists. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, normalize } from "node:path";
import { PROJECT, type Running, start } from "./run.ts";

/** What the page tells of its player, a few times a second. */
export interface PlayerState {
  readonly currentTime: number;
  /** End of what is buffered, in seconds; 0 for nothing. */
  readonly bufferedEnd: number;
  /** Pieces that are buffered: more than one has holes between them. */
  readonly ranges: number;
  readonly duration: number;
  readonly width: number;
  readonly height: number;
  /** Pictures that were decoded. */
  readonly frames: number;
  /** Octets of sound that were decoded. */
  readonly audio: number;
  readonly ended: boolean;
  readonly live: boolean;
  /** Errors that hls.js could not mend, and those it could, by its names. */
  readonly fatal: readonly string[];
  readonly errors: readonly string[];
}

const PAGE = `<!doctype html><meta charset="utf-8"><title>player</title>
<video id="v" muted playsinline></video>
<script src="/hls.min.js"></script>
<script>
const video = document.getElementById("v");
const fatal = [], errors = [];
let live = false;
const tell = () => {
  const { buffered } = video;
  fetch("/state", { method: "POST", body: JSON.stringify({
    currentTime: video.currentTime,
    bufferedEnd: buffered.length === 0 ? 0 : buffered.end(buffered.length - 1),
    ranges: buffered.length,
    duration: Number.isFinite(video.duration) ? video.duration : 0,
    width: video.videoWidth, height: video.videoHeight,
    frames: video.getVideoPlaybackQuality().totalVideoFrames,
    audio: video.webkitAudioDecodedByteCount ?? 0,
    ended: video.ended, live, fatal, errors,
  }) });
};
const hls = new Hls({ enableWorker: false });
hls.on(Hls.Events.ERROR, (_, data) => (data.fatal ? fatal : errors).push(data.type + " " + data.details));
hls.on(Hls.Events.LEVEL_LOADED, (_, data) => { live = data.details.live; });
hls.on(Hls.Events.MANIFEST_PARSED, () => video.play().catch((error) => fatal.push(String(error))));
hls.loadSource(new URLSearchParams(location.search).get("src"));
hls.attachMedia(video);
setInterval(tell, 200);
</script>`;

/** A browser that plays one playlist. */
export class Player {
  /** As the page told last; null before it did. */
  state: PlayerState | null = null;
  readonly #server: Bun.Server<undefined>;
  readonly #browser: Running;
  readonly #profile: string;

  /** Plays the playlist `name` in `folder`. */
  constructor(folder: string, name: string) {
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: async (request) => {
        const { pathname } = new URL(request.url);
        if (pathname === "/state") {
          this.state = (await request.json()) as PlayerState;
          return new Response(null, { status: 204 });
        }
        if (pathname === "/") return new Response(PAGE, { headers: { "content-type": "text/html" } });
        if (pathname === "/hls.min.js")
          return new Response(Bun.file(join(PROJECT, "node_modules/hls.js/dist/hls.min.js")));
        const file = Bun.file(join(folder, normalize(decodeURIComponent(pathname))));
        return (await file.exists()) ? new Response(file) : new Response("", { status: 404 });
      },
    });
    this.#profile = mkdtempSync(join(tmpdir(), "rscap-player-"));
    const page = `http://127.0.0.1:${this.#server.port}/?src=${encodeURIComponent(`/${name}`)}`;
    this.#browser = start(
      [
        "chromium",
        ...["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--mute-audio"],
        ...["--no-first-run", "--disable-extensions", "--disable-background-networking", "--disable-sync"],
        ...["--autoplay-policy=no-user-gesture-required", `--user-data-dir=${this.#profile}`, page],
      ],
      // Chromium leaves files where temporary ones belong when it is killed.
      { limitMs: 120_000, env: { TMPDIR: this.#profile } },
    );
  }

  /** What is known, for a message. */
  get told(): string {
    return `${JSON.stringify(this.state)}\n${this.#browser.stderr.slice(-2000)}`;
  }

  async close(): Promise<void> {
    await this.#browser.stop("SIGKILL");
    await this.#server.stop(true);
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10 });
  }
}
