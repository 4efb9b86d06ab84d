/** Aborts at the first SIGTERM or SIGINT, with the signal's name as the reason; a second SIGINT ends the process as usual. */
export function untilStopped(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => controller.abort(name));
  return controller.signal;
}
