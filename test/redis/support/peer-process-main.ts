import { createPeer } from './peer.ts';

const [, , url = '', lease = ''] = process.argv;
const peer = createPeer({ url });
peer.totals.set('app', '{"elected":7}');
await peer.untilShared();
peer.hub.want(lease);
await peer.until('held', () => peer.hub.has(lease));
process.stdout.write(`${peer.hub.process}\n`);
