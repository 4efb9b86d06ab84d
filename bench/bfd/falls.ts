import { heraldPods, logOf } from "../../e2e/herald-pods.ts";
import type { Lab } from "../../e2e/lab/lab.ts";
import type { Router } from "../../e2e/routers/router.ts";
import { addressOf, type End, ends, farEnd, neighborName } from "./triangle.ts";

/** How often each end's session was up and fell, as that end counts. */
export type FallCounts = ReadonlyMap<End, number>;

/** One of Herald's sessions was up and fell. */
export type Fall = { readonly at: string; readonly from: string; readonly to: string; readonly cause: string };

/** Reads a speaker's log. */
export function fallsIn(log: string): readonly Fall[] {
  return log.split("\n").flatMap((line) => {
    if (!line.includes('"BFD session changed"') || !line.includes('"from":"Up"')) return [];
    const {
      ts: at,
      session,
      cause,
    } = JSON.parse(line) as { readonly ts: string; readonly session: string; readonly cause: string };
    const [, from = "", to = ""] = /^(\S+) > (\S+) /.exec(session) ?? [];
    return [{ at, from, to, cause }];
  });
}

/** All that the speaker that runs now has written of its falls. */
export async function heraldFalls(lab: Lab): Promise<readonly Fall[]> {
  const [pod] = await heraldPods(lab, "speaker");
  return pod === undefined ? [] : fallsIn(logOf(lab, pod));
}

/** The counts of all ends now. */
export async function fallCounts(lab: Lab, routers: ReadonlyMap<End["self"], Router>): Promise<FallCounts> {
  const own = await heraldFalls(lab);
  const counts = new Map<End, number>();
  for (const end of ends) {
    const [from, to] = [addressOf(end), addressOf(farEnd(end))];
    const seen = await routers.get(end.self)?.bfd(neighborName(end));
    counts.set(
      end,
      end.self === "Herald" ? own.filter((fall) => fall.from === from && fall.to === to).length : (seen?.drops ?? 0),
    );
  }
  return counts;
}
