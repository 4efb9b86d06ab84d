import http from "node:http";
import type { Clock } from "../clock.ts";
import type { BindAddress } from "./bind-address.ts";
import { type ListeningServer, listen } from "./listen.ts";

export type ProfileServerOptions = { readonly address: BindAddress; readonly clock: Clock };

const defaultSeconds = 30;
const mostSeconds = 300;

const list = `Profiles of this thread in V8's formats, for Chrome's developer tools or speedscope:
/debug/pprof/profile?seconds=30  processor time, a .cpuprofile
/debug/pprof/heap?seconds=30     what was allocated meanwhile and is still in use, by function: a .heapprofile
`;

/**
 * Plain HTTP without authorization, so for localhost: profiles under the paths of Go's pprof, in V8's formats. Neither holds
 * a value of the program, only names of functions and sizes.
 */
export async function startProfileServer({ address, clock }: ProfileServerOptions): Promise<ListeningServer> {
  let busy = false;
  const take = async (kind: keyof typeof recorders, seconds: number, response: http.ServerResponse): Promise<void> => {
    if (busy) return answer(response, 409, "another profile is being taken: try again when it is done\n");
    busy = true;
    try {
      const profile = await record(kind, () => new Promise((resolve) => clock.after(seconds * 1000, resolve)));
      const disposition = `attachment; filename="${kind}.${recorders[kind].extension}"`;
      response.writeHead(200, { "content-type": "application/json", "content-disposition": disposition });
      response.end(JSON.stringify(profile));
    } catch (error) {
      answer(response, 500, `${error instanceof Error ? error.message : String(error)}\n`);
    } finally {
      busy = false;
    }
  };
  const server = http.createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://server");
    const kind = /^\/debug\/pprof\/(profile|heap)$/.exec(pathname)?.[1];
    const seconds = Number(searchParams.get("seconds") ?? defaultSeconds);
    if (pathname === "/debug/pprof/") answer(response, 200, list);
    else if (kind !== "profile" && kind !== "heap") answer(response, 404, `not found\n${list}`);
    else if (!(seconds > 0 && seconds <= mostSeconds))
      answer(response, 400, `seconds must be above 0 and at most ${mostSeconds}\n`);
    else void take(kind, seconds, response);
  });
  return listen(server, address.host, address.port);
}

function answer(response: http.ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(text);
}

type Session = import("node:inspector/promises").Session;
type Recorder = {
  readonly extension: string;
  readonly start: (session: Session) => Promise<void>;
  readonly stop: (session: Session) => Promise<object>;
};

const recorders = {
  profile: {
    extension: "cpuprofile",
    start: async (session) => {
      await session.post("Profiler.enable");
      await session.post("Profiler.start");
    },
    stop: async (session) => (await session.post("Profiler.stop")).profile,
  },
  heap: {
    extension: "heapprofile",
    start: (session) => session.post("HeapProfiler.startSampling"),
    stop: async (session) => (await session.post("HeapProfiler.stopSampling")).profile,
  },
} as const satisfies Readonly<Record<string, Recorder>>;

/** The inspector is loaded when it is needed, which it nearly never is. */
async function record(kind: keyof typeof recorders, until: () => Promise<void>): Promise<object> {
  const inspector = await import("node:inspector/promises");
  const session = new inspector.Session();
  session.connect();
  try {
    await recorders[kind].start(session);
    await until();
    return await recorders[kind].stop(session);
  } finally {
    session.disconnect();
  }
}
