import { host, publicHost, usualPort, type BackendName } from './ports.ts';
import type { Child } from './start-child.ts';

/** What the console says when everything runs. */
export function introduce(front: Child, backends: readonly Child[], password: string): string {
  const url = `http://${publicHost}:${front.port}`;
  const app1 = backends.find((child) => child.name === 'app1') ?? front;
  return `
Ready: ${url}/

${[front, ...backends].map(describeChild).join('\n')}

Open the address in a browser, or in another terminal log in (the cookie ends in the backend's id):

  curl -i -c jar -d name=ann -d password=balancer ${url}/login
  curl -b jar ${url}/posts

Ask again and again, kill a backend, and see below who answers; nothing fails:

  while curl -sf -o /dev/null ${url}/; do sleep 0.1; done
  kill ${app1.pid}
  ${restartCommand('app1', app1.port)}

Meanwhile make half of a backend's answers fail, until it is ejected; make it slow instead, by milliseconds; heal it.
See before and after who would serve you, and why:

  curl ${url}/why
  curl -d failing=0.5 http://${host}:${app1.port}/trouble
  curl -d slow=300 http://${host}:${app1.port}/trouble
  curl -X POST http://${host}:${app1.port}/trouble

See and steer the balancers, name as you like, password ${password}

  ${url}/balancer-manager/

The classic form, sticky by BALANCEID and without failover: ${url}/classic/
Ctrl-C ends all.
`;
}

/** The command that starts a backend again where it was. */
export function restartCommand(name: BackendName, port: number): string {
  return `npm run --silent backend -- ${name}${port === usualPort(name) ? '' : ` ${port}`}`;
}

export function describeChild(child: Child): string {
  const path = child.name.startsWith('static') ? '/media/' : '/';
  const url = `http://${child.name === 'front' ? publicHost : host}:${child.port}${path}`;
  return `  ${child.name.padEnd(8)} ${url.padEnd(30)} pid ${child.pid}`;
}
