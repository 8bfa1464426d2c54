import { createBalancer } from 'express-proxy-balancer';

const [app1 = '', app2 = ''] = (process.env['MEMBERS'] ?? '').split(' ');

export const balancer = createBalancer({
  stickysession: 'session',
  members: [
    { url: app1, route: 'app1' },
    { url: app2, route: 'app2' },
  ],
});
