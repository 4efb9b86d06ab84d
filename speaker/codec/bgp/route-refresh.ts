import { Reader, Writer } from "../cursor.ts";
import { type BgpDecoded, BgpError, bgpDecoded } from "./error.ts";
import { framed } from "./header.ts";
import type { RouteRefreshMessage } from "./message.ts";
import { errorCode, routeRefreshSubcode } from "./registry.ts";

/** Octets of AFI, subtype and SAFI. RFC 7313 §3.2. */
const bodyOctets = 4;

/**
 * Total. @param body AFI(2) subtype(1) SAFI(1). Behind a plain request outbound route filters may stand (RFC 5291 §4): they are skipped.
 * @returns NOTIFICATION 7/1 with the whole message when the length is wrong. RFC 7313 §5.
 */
export function decodeRouteRefresh(body: Uint8Array): BgpDecoded<RouteRefreshMessage> {
  return bgpDecoded(
    () => {
      const r = new Reader(body, "BGP ROUTE-REFRESH");
      const afi = r.u16("AFI");
      const subtype = r.u8("subtype");
      const safi = r.u8("SAFI");
      if ((subtype === 1 || subtype === 2) && r.remaining > 0) {
        const fault = r.error("length", `has ${r.remaining} octets more than the ${bodyOctets} of subtype ${subtype}`);
        throw new BgpError(fault, errorCode.routeRefresh, routeRefreshSubcode.badLength, framed("route-refresh", body));
      }
      return { type: "route-refresh", afi, safi, subtype };
    },
    errorCode.routeRefresh,
    routeRefreshSubcode.badLength,
  );
}

/** Inverse of {@link decodeRouteRefresh}. */
export function encodeRouteRefresh({ afi, safi, subtype }: RouteRefreshMessage): Uint8Array {
  return new Writer(bodyOctets).u16(afi).u8(subtype).u8(safi).finish();
}
