import type { BfdEcho } from "../codec/bfd-echo.ts";

/**
 * Echo packets of one session. RFC 5880 §6.8.9. That none comes back brings the session down only when one ever did: a peer that
 * never returned any says nothing about the path by that.
 */
export type Echo = {
  /** The shell can send: it knows where to. */
  readonly open: boolean;
  readonly proven: boolean;
  readonly secret: number;
  /** Of the last one that was sent. */
  readonly sequence: number;
  /** Milliseconds; infinite: none is sent. */
  readonly sendAt: number;
  /** When the first one was sent that nothing came back after; undefined: none is awaited. */
  readonly awaitedSince?: number;
};

/** Echo packets that may be on their way at the same time. */
const window = 1_024;

export function idleEcho(secret: number): Echo {
  return { open: false, proven: false, secret, sequence: 0, sendAt: Number.POSITIVE_INFINITY };
}

/** None is sent and none awaited from now on. */
export function stopped({ awaitedSince: _, ...echo }: Echo): Echo {
  return { ...echo, sendAt: Number.POSITIVE_INFINITY };
}

/** One was sent now. */
export function sent(echo: Echo, now: number, nextAt: number): Echo {
  const sequence = (echo.sequence + 1) % 0x1_0000_0000;
  return { ...echo, sequence, sendAt: nextAt, awaitedSince: echo.awaitedSince ?? now };
}

/** @returns undefined when what came back is not of this session, or too old. */
export function returned(echo: Echo, discriminator: number, packet: BfdEcho): Echo | undefined {
  const age = (echo.sequence - packet.sequence + 0x1_0000_0000) % 0x1_0000_0000;
  if (packet.discriminator !== discriminator || packet.secret !== echo.secret || age >= window) return undefined;
  const { awaitedSince: _, ...rest } = echo;
  return { ...rest, proven: true };
}
