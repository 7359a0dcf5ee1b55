/** The endpoint's DNS alone, for a server in a process of its own, which is to start without the rest. */
export { inZone, listedName } from './route53/names.ts';
export { type RecordSet, setKey } from './route53/record-set.ts';
export {
  createCachingView,
  createZoneView,
  type DnsAnswer,
  type ServedZone,
  type ZoneView,
} from './route53/zone-view.ts';
