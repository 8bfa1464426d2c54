import { afterEach, describe, expect, test } from '@jest/globals';
import { createBalancer, type Balancer } from '../../src/index.ts';
import { startBackend, type Backend } from '../support/backend.ts';
import { startForum } from '../support/forum.ts';
import { senders, silent, startFront, type Front } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { requestTarget, untilIdle, type Answered } from '../support/request-target.ts';

const mounted: Balancer[] = [];

afterEach(async () => {
  await untilIdle(mounted);
  await Promise.all(mounted.splice(0).map((balancer) => balancer.close()));
  await tidyUp();
});

/** One browser: keeps the cookie it is given, and sends it back. */
class Visitor {
  cookie: string | undefined;
  readonly #port: number;

  constructor(front: Front) {
    this.#port = front.port;
  }

  async get(path: string, method = 'GET'): Promise<Answered> {
    const headers = this.cookie === undefined ? {} : { Cookie: `theme=dark; ${this.cookie}` };
    const answer = await requestTarget(this.#port, path, {
      method,
      headers: { Host: 'shop.example', ...headers },
    });
    const [cookie] = answer.headers['set-cookie'] ?? [];
    if (cookie !== undefined)
      this.cookie = cookie.includes('Max-Age=0') ? undefined : cookie.split(';', 1)[0];
    return answer;
  }

  /** The text of the page that all look at. */
  async look(path = '/'): Promise<string> {
    const { status, body } = await this.get(path);
    return status === 200 ? body : String(status);
  }
}

describe.each(senders)('the main job over %s', (_name, sender) => {
  type Cluster = Readonly<{ front: Front; app1: Backend; app2: Backend; statics: readonly Backend[] }>;

  /** Issue 2, item 1, as httpd and Ape users know it: `/static` over two members, `/` over two sticky ones. */
  async function startCluster(): Promise<Cluster> {
    const statics = await Promise.all(
      ['static1', 'static2'].map((name) =>
        startBackend(name, (req, res) => {
          if (req.url === '/media/dir') {
            res.writeHead(301, {
              Location: `http://${req.headers.host!}/media/dir/`,
              'Set-Cookie': 'seen=1; Path=/media/',
            });
            res.end();
          } else {
            res.end(`${name} ${req.url!}`);
          }
        }),
      ),
    );
    const [app1, app2] = await Promise.all(
      ['app1', 'app2'].map((name) =>
        startForum(name, { cookie: 'sessionid', write: (data) => `${data}!${name}` }),
      ),
    );
    const front = await startFront(
      {
        ...sender,
        name: 'app-balancer',
        stickysession: 'sessionid',
        routeregex: /!(.*)$/,
        members: [
          { url: app1!.url, route: 'app1' },
          { url: app2!.url, route: 'app2' },
        ],
      },
      {
        before(app) {
          const balancer: Balancer = createBalancer({
            ...silent,
            ...sender,
            name: 'static-balancer',
            members: statics.map(({ url }) => `${url}/media/`),
          });
          mounted.push(balancer);
          app.use('/static', balancer);
        },
      },
    );
    return { front, app1: app1!, app2: app2!, statics };
  }

  /** The other classic form: `BALANCEID=balancer.http1`, sessions that never move, a path that is not proxied. */
  async function startClassic(): Promise<Omit<Cluster, 'statics'>> {
    const [app1, app2] = await Promise.all(
      ['http1', 'http2'].map((name) =>
        startForum(name, { cookie: 'BALANCEID', write: () => `balancer.${name}`, base: '/forum' }),
      ),
    );
    const front = await startFront(
      {
        ...sender,
        stickysession: 'BALANCEID',
        nofailover: true,
        exclude: '/balancer-manager',
        members: [
          { url: `${app1!.url}/forum/`, route: 'http1' },
          { url: `${app2!.url}/forum/`, route: 'http2' },
        ],
      },
      {
        mount: '/classic',
        after: (app) =>
          app.get('/classic/balancer-manager', (_req, res) => {
            res.send('the app');
          }),
      },
    );
    return { front, app1: app1!, app2: app2! };
  }

  test('static files come from both members in turn, below the path of the member', async () => {
    const { front } = await startCluster();
    const visitor = new Visitor(front);
    const pages: string[] = [];
    for (const name of ['a.css', 'b.css', 'c.css', 'd.css?v=2'])
      pages.push(await visitor.look(`/static/${name}`));
    expect(pages).toEqual([
      'static1 /media/a.css',
      'static2 /media/b.css',
      'static1 /media/c.css',
      'static2 /media/d.css?v=2',
    ]);
  });

  test('static redirects and cookies lead to the mount path', async () => {
    const { front } = await startCluster();
    const { status, headers } = await new Visitor(front).get('/static/dir');
    expect([status, headers.location, headers['set-cookie']]).toEqual([
      301,
      'http://shop.example/static/dir/',
      ['seen=1; Path=/static'],
    ]);
  });

  test('a static member that dies is not missed', async () => {
    const { front, statics } = await startCluster();
    await statics[0]!.stop();
    const visitor = new Visitor(front);
    const pages = [
      await visitor.look('/static/a'),
      await visitor.look('/static/b'),
      await visitor.look('/static/c'),
    ];
    expect(pages).toEqual(['static2 /media/a', 'static2 /media/b', 'static2 /media/c']);
  });

  test('a session stays with its backend over 50 requests, beside another and beside strangers', async () => {
    const { front } = await startCluster();
    const [one, two, stranger] = [new Visitor(front), new Visitor(front), new Visitor(front)];
    await one.get('/login', 'POST');
    await two.get('/login', 'POST');
    expect([one.cookie, two.cookie]).toEqual(['sessionid=app1-0!app1', 'sessionid=app2-0!app2']);
    const strangers: string[] = [];
    for (let visit = 1; visit <= 50; visit += 1) {
      expect([await one.look(), await two.look()]).toEqual([`app1: visit ${visit}`, `app2: visit ${visit}`]);
      strangers.push(await stranger.look());
    }
    expect(new Set(strangers)).toEqual(new Set(['app1: stranger', 'app2: stranger']));
  });

  test('redirects and cookies of the backend bear the name of the front', async () => {
    const { front } = await startCluster();
    const { status, headers } = await new Visitor(front).get('/login', 'POST');
    expect([status, headers.location, headers['set-cookie']]).toEqual([
      303,
      'http://shop.example/posts',
      // The backend has said Domain=127.0.0.1 as well, which a browser at shop.example would refuse.
      ['sessionid=app1-0!app1; Path=/; HttpOnly'],
    ]);
  });

  test('after logging out the next requests are balanced, and the next session may be elsewhere', async () => {
    const { front } = await startCluster();
    const visitor = new Visitor(front);
    await visitor.get('/login', 'POST');
    expect(await visitor.look()).toBe('app1: visit 1');
    await visitor.get('/logout', 'POST');
    expect(visitor.cookie).toBeUndefined();
    const pages = [await visitor.look(), await visitor.look(), await visitor.look(), await visitor.look()];
    expect(new Set(pages)).toEqual(new Set(['app1: stranger', 'app2: stranger']));
  });

  test('when the backend of a session dies the session moves, is a stranger there, and stays there', async () => {
    const { front, app1 } = await startCluster();
    const visitor = new Visitor(front);
    await visitor.get('/login', 'POST');
    expect(await visitor.look()).toBe('app1: visit 1');
    await app1.stop();
    expect([await visitor.look(), await visitor.look()]).toEqual(['app2: stranger', 'app2: stranger']);
    await visitor.get('/login', 'POST');
    expect(visitor.cookie).toBe('sessionid=app2-0!app2');
    await app1.start();
    expect([await visitor.look(), await visitor.look()]).toEqual(['app2: visit 1', 'app2: visit 2']);
    expect(front.errors).toEqual([]);
  });

  test('no GET fails while a backend is killed and started again under traffic', async () => {
    const { front, app1 } = await startCluster();
    const visitors = Array.from({ length: 4 }, () => new Visitor(front));
    for (const visitor of visitors) await visitor.get('/login', 'POST');
    const statuses = new Set<number>();
    let isOver = false;
    const traffic = visitors.map(async (visitor) => {
      while (!isOver) statuses.add((await visitor.get('/')).status);
    });
    for (let round = 0; round < 3; round += 1) {
      await app1.stop();
      for (let i = 0; i < 10; i += 1) await new Visitor(front).get('/');
      await app1.start();
      for (let i = 0; i < 10; i += 1) await new Visitor(front).get('/');
    }
    isOver = true;
    await Promise.all(traffic);
    expect([...statuses]).toEqual([200]);
    expect(front.errors).toEqual([]);
  });

  test('no member and no backend gets what was meant for another balancer', async () => {
    const { front, app1, app2, statics } = await startCluster();
    const visitor = new Visitor(front);
    for (const path of ['/static/a', '/statically', '/static', '/']) await visitor.get(path);
    const asked = [...app1.received, ...app2.received].map(({ url }) => url);
    expect(asked.toSorted()).toEqual(['/', '/statically']);
    expect(statics.flatMap(({ received }) => received.map(({ url }) => url)).toSorted()).toEqual([
      '/media/',
      '/media/a',
    ]);
  });

  describe('in the classic form', () => {
    test('each session stays with its backend, whose cookie and redirect lead to the mount path', async () => {
      const { front } = await startClassic();
      const [one, two] = [new Visitor(front), new Visitor(front)];
      const { headers } = await one.get('/classic/login', 'POST');
      expect([headers.location, headers['set-cookie']]).toEqual([
        'http://shop.example/classic/posts',
        ['BALANCEID=balancer.http1; Path=/classic; HttpOnly'],
      ]);
      await two.get('/classic/login', 'POST');
      for (let visit = 1; visit <= 10; visit += 1) {
        expect(await one.look('/classic/')).toBe(`http1: visit ${visit}`);
        expect(await two.look('/classic/')).toBe(`http2: visit ${visit}`);
      }
    });

    test('a session whose backend is down gets 503 with Retry-After, while others are served', async () => {
      const { front, app1 } = await startClassic();
      const [one, two] = [new Visitor(front), new Visitor(front)];
      await one.get('/classic/login', 'POST');
      await two.get('/classic/login', 'POST');
      await app1.stop();
      for (let i = 0; i < 3; i += 1) {
        const { status, headers } = await one.get('/classic/');
        expect([status, headers['retry-after']]).toEqual([503, expect.stringMatching(/^(?:5\d|60)$/)]);
      }
      expect(await two.look('/classic/')).toBe('http2: visit 1');
      expect(await new Visitor(front).look('/classic/')).toBe('http2: stranger');
      expect(front.errors.map(({ code }) => code)).toEqual([
        'ERR_BALANCER_CONNECT',
        'ERR_BALANCER_NO_FAILOVER',
        'ERR_BALANCER_NO_FAILOVER',
      ]);
    });

    test('the path that is not proxied is the app’s', async () => {
      const { front, app1, app2 } = await startClassic();
      expect(await new Visitor(front).look('/classic/balancer-manager')).toBe('the app');
      expect(await new Visitor(front).look('/classic/balancer-manager/unknown')).toBe('404');
      expect([...app1.received, ...app2.received]).toEqual([]);
    });
  });
});
