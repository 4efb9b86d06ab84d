import type { BFDProfile } from "../../crds/types/bfd-profile.ts";
import type { BGPAdvertisement } from "../../crds/types/bgp-advertisement.ts";
import type { BGPPeer } from "../../crds/types/bgp-peer.ts";
import type { Community } from "../../crds/types/community.ts";
import type { IPAddressPool } from "../../crds/types/ip-address-pool.ts";
import type { L2Advertisement } from "../../crds/types/l2-advertisement.ts";
import { keyOf } from "../framework/api/kube-object.ts";
import type { Clock } from "../framework/clock.ts";
import { type Controller, type ControllerMetrics, createController } from "../framework/controller.ts";
import type { Reader } from "../framework/informer/store.ts";
import type { Log } from "../framework/log/log.ts";
import type { StatusWriter } from "../framework/write/status.ts";
import { BFDProfileReconciler } from "./bfd-profile.ts";
import { BGPAdvertisementReconciler } from "./bgp-advertisement.ts";
import { BGPPeerReconciler } from "./bgp-peer.ts";
import { CommunityReconciler } from "./community.ts";
import type { Conditioned, ConditionsReconciler } from "./conditions-reconciler.ts";
import type { Configuration } from "./configuration.ts";
import { FieldSupport } from "./field-support.ts";
import { type CountersOf, IPAddressPoolReconciler, type ReservationsOf } from "./ip-address-pool.ts";
import { L2AdvertisementReconciler } from "./l2-advertisement.ts";
import type { PeerSessions } from "./sessions-up-condition.ts";
import { whileLeading } from "./while-leading.ts";

/** The six kinds that users write. */
export type UserReaders = {
  readonly pools: Reader<IPAddressPool>;
  readonly l2Advertisements: Reader<L2Advertisement>;
  readonly bgpAdvertisements: Reader<BGPAdvertisement>;
  readonly bgpPeers: Reader<BGPPeer>;
  readonly bfdProfiles: Reader<BFDProfile>;
  readonly communities: Reader<Community>;
};

export type StatusControllersOptions = {
  readonly readers: UserReaders;
  readonly configuration: () => Configuration | undefined;
  readonly counters: CountersOf;
  readonly reservations: ReservationsOf;
  /** What the speakers say of their sessions with the peer of that name. */
  readonly sessions: (peer: string) => PeerSessions;
  readonly leading: () => boolean;
  readonly status: StatusWriter;
  readonly metrics: ControllerMetrics;
  readonly clock: Clock;
  readonly log: Log;
};

/** The controller of one kind's statuses. */
export type StatusController = Controller & {
  /** Looks again at the objects of which the second configuration can say something else than the first. */
  readonly follow: (before: Configuration | undefined, after: Configuration) => void;
};

/** One controller for each kind that users write, by the names of {@link UserReaders}. */
export type StatusControllers = { readonly [list in keyof UserReaders]: StatusController };

/** Status writes of one kind at once. */
const workers = 8;
const maxDelayMs = 30_000;

const applyOurs = "apply Herald's definitions to see them";
const noConditions = `the CustomResourceDefinitions in this cluster have no status.conditions: conditions are left out; ${applyOurs}`;
const noReservations =
  "the CustomResourceDefinition in this cluster has no status.reservations: addresses that are kept for deleted Services " +
  "(annotation herald-lb.io/reserve-for) are forgotten when another process leads; apply Herald's definitions";

/** Makes the controllers that write conditions and counters. */
export function statusControllers(options: StatusControllersOptions): StatusControllers {
  const { readers, leading, clock, log, metrics } = options;
  const support = new FieldSupport(clock, log, noConditions);
  const facts = { ...options, support: new FieldSupport(clock, log, noReservations) };
  const deps = <T extends Conditioned>(objects: Reader<T>) => ({ ...options, objects, support });
  const controller = <T extends Conditioned>(name: string, reconciler: ConditionsReconciler<T>): StatusController => {
    const guarded = whileLeading(leading, reconciler);
    const own = createController({ name, reconciler: guarded, clock, log, metrics, workers, maxDelayMs });
    const follow: StatusController["follow"] = (before, after) => {
      if (!leading()) return; // whoever begins to lead looks at everything
      for (const request of reconciler.affected(before, after)) own.enqueue(request);
    };
    return Object.assign(own, { follow });
  };
  return {
    pools: controller("ipaddresspool", new IPAddressPoolReconciler(deps(readers.pools), facts)),
    l2Advertisements: controller("l2advertisement", new L2AdvertisementReconciler(deps(readers.l2Advertisements))),
    bgpAdvertisements: controller("bgpadvertisement", new BGPAdvertisementReconciler(deps(readers.bgpAdvertisements))),
    bgpPeers: controller("bgppeer", new BGPPeerReconciler(deps(readers.bgpPeers), options.sessions)),
    bfdProfiles: controller("bfdprofile", new BFDProfileReconciler(deps(readers.bfdProfiles))),
    communities: controller("community", new CommunityReconciler(deps(readers.communities))),
  };
}

/** Looks again at the objects whose conditions can have become different. */
export function followConfiguration(
  controllers: StatusControllers,
  before: Configuration | undefined,
  after: Configuration,
): void {
  for (const controller of Object.values(controllers)) controller.follow(before, after);
}

/** Looks at every object again. */
export function enqueueEverything(controllers: StatusControllers, readers: UserReaders): void {
  const enqueue = (controller: Controller, reader: Reader<Conditioned>): void => {
    for (const object of reader.list()) controller.enqueue(keyOf(object));
  };
  enqueue(controllers.pools, readers.pools);
  enqueue(controllers.l2Advertisements, readers.l2Advertisements);
  enqueue(controllers.bgpAdvertisements, readers.bgpAdvertisements);
  enqueue(controllers.bgpPeers, readers.bgpPeers);
  enqueue(controllers.bfdProfiles, readers.bfdProfiles);
  enqueue(controllers.communities, readers.communities);
}
