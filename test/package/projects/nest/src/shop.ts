import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { createBalancer } from 'express-proxy-balancer';

const [app1 = '', app2 = ''] = (process.env['MEMBERS'] ?? '').split(' ');

/** Everything that is not this app's own. */
@Injectable()
export class Shop implements BeforeApplicationShutdown {
  readonly balancer = createBalancer({
    // Nest's own controllers.
    exclude: ['/api'],
    stickysession: 'session',
    members: [
      { url: app1, route: 'app1' },
      { url: app2, route: 'app2' },
    ],
  });

  // Before Nest waits for its server: WebSockets would keep that open.
  async beforeApplicationShutdown(): Promise<void> {
    await this.balancer.close({ grace: '5s' });
  }
}
