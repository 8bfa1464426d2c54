import { describe, expect, test } from '@jest/globals';
import type { BalancerReport, MemberReport } from '../../../../src/manager/survey/report.ts';
import { answerXml } from '../../../../src/manager/xml.ts';

function buildMember(overrides: Partial<MemberReport> = {}): MemberReport {
  return {
    name: 'a',
    url: 'http://127.0.0.1:18481/base',
    isHandler: false,
    isFromDns: false,
    route: undefined,
    redirect: undefined,
    loadfactor: 1,
    lbset: 0,
    status: '',
    states: ['ok'],
    retryInMs: undefined,
    retries: 0,
    elected: 0,
    busy: 0,
    max: undefined,
    sent: 0,
    received: 0,
    failures: 0,
    lbstatus: 0,
    responseMs: undefined,
    quantiles: undefined,
    rate: 0,
    sessions: undefined,
    health: undefined,
    parameters: {},
    ...overrides,
  };
}

function buildBalancer(overrides: Partial<BalancerReport> = {}): BalancerReport {
  return {
    id: 'one',
    name: 'one',
    paths: ['/'],
    lbmethod: 'byrequests',
    stickysession: undefined,
    routeCookie: undefined,
    nofailover: false,
    forcerecovery: true,
    maxattempts: undefined,
    timeout: 0,
    options: {},
    waiting: 0,
    queueLength: 1000,
    inFlight: 0,
    requests: 0,
    errors: 0,
    rate: 0,
    members: [],
    ...overrides,
  };
}

function print(...balancers: readonly BalancerReport[]): string {
  const answer = answerXml({ balancers });
  if ('stream' in answer) throw new Error('a stream');
  return answer.body as string;
}

/** `name=text` of each element without children, in order. */
function listElements(xml: string): readonly string[] {
  return [...xml.matchAll(/<httpd:(\w+)>([^<]*)<\/httpd:\1>/g)].map(([, name, text]) => `${name!}=${text!}`);
}

const printMember = (overrides: Partial<MemberReport>): readonly string[] =>
  listElements(print(buildBalancer({ members: [buildMember(overrides)] })));

describe('?xml=1', () => {
  test('gives what httpd 2.4.71 gives of the same balancer, in its order', () => {
    // Its answer, without the nonce, and with whole milliseconds where it prints what is left after whole seconds.
    expect(
      listElements(
        print(
          buildBalancer({
            stickysession: 'JSESSIONID|jsessionid',
            nofailover: true,
            timeout: 3,
            maxattempts: 2,
            options: { scolonpathdelim: true },
            members: [
              buildMember({
                loadfactor: 2,
                max: 10,
                route: 'a',
                redirect: 'b',
                lbset: 1,
                parameters: { timeout: 5, acquire: 3000, retry: '10s' },
                fixed: { ttl: 20, keepalive: true, connectiontimeout: '2500ms', disablereuse: true },
              }),
            ],
          }),
        ),
      ),
    ).toEqual([
      'name=balancer://one',
      'stickysession=JSESSIONID',
      'nofailover=On',
      'timeout=3',
      'maxattempts=2',
      'lbmethod=byrequests',
      'scolonpathdelim=On',
      'name=http://127.0.0.1:18481/base',
      'scheme=http',
      'hostname=127.0.0.1',
      'loadfactor=2.00',
      'port=18481',
      'min=0',
      'smax=10',
      'max=10',
      'ttl=20',
      'timeout=5',
      'acquire=3000',
      'keepalive=On',
      'status=Init Ok ',
      'retries=0',
      'lbstatus=0',
      'loadfactor=2.00',
      'transferred=0',
      'read=0',
      'elected=0',
      'route=a',
      'redirect=b',
      'busy=0',
      'lbset=1',
      'disablereuse=On',
      'connectiontimeout=2500',
      'retry=10',
    ]);
  });

  test('tells behind the members how a balancer with a state stands to other processes, in nothing but text', () => {
    const sharing = {
      process: '<web>&1',
      state: 'alone',
      since: Date.UTC(2026, 0, 2),
      processes: 0,
      counted: 1,
      why: '</httpd:why>',
    } as const;
    const xml = print(buildBalancer({ members: [], sharing }));
    expect(listElements(xml.slice(xml.indexOf('<httpd:sharing>')))).toEqual([
      'state=alone',
      'since=Fri, 02 Jan 2026 00:00:00 GMT',
      'processes=0',
      'counted=1',
      'process=&lt;web&gt;&amp;1',
      'why=&lt;/httpd:why&gt;',
    ]);
  });

  test('leaves out what httpd leaves out of a balancer and a member with nothing but a URL', () => {
    const names = listElements(print(buildBalancer({ members: [buildMember()] }))).map(
      (each) => each.split('=')[0],
    );
    expect(names.join(' ')).toBe(
      'name timeout lbmethod name scheme hostname loadfactor port min smax max ttl status retries lbstatus ' +
        'loadfactor transferred read elected route redirect busy lbset',
    );
  });

  test('begins and ends as httpd does', () => {
    expect(print(buildBalancer())).toBe(`<?xml version='1.0' encoding='UTF-8' ?>
<httpd:manager xmlns:httpd='http://httpd.apache.org'>
  <httpd:balancers>
    <httpd:balancer>
      <httpd:name>balancer://one</httpd:name>
      <httpd:timeout>0</httpd:timeout>
      <httpd:lbmethod>byrequests</httpd:lbmethod>
      <httpd:workers>
      </httpd:workers>
    </httpd:balancer>
  </httpd:balancers>
</httpd:manager>
`);
  });

  test.each([
    ['', 'Init Ok '],
    ['D', 'Init Dis '],
    ['H', 'Init Stby Ok '],
    ['R', 'Init Spar Ok '],
    ['IN', 'Init Ign Drn Ok '],
    ['S', 'Init Stop '],
    ['C', 'Init HcFl '],
    ['INDSEHC', 'Init Ign Drn Dis Stop Err Stby HcFl '],
  ])('has httpd’s labels for %j: %j', (status, labels) => {
    expect(printMember({ status })).toContain(`status=${labels}`);
  });

  test('tells when a member was put in error', () => {
    const errorAt = Date.UTC(2026, 10, 21, 17, 19, 18);
    expect(printMember({ status: 'E', errorAt })).toContain('error_time=Sat, 21 Nov 2026 17:19:18 GMT');
  });

  test.each([
    ['http://[::1]:3000', ['scheme=http', 'hostname=::1', 'port=3000']],
    ['https://app.site.com/x', ['scheme=https', 'hostname=app.site.com', 'port=443']],
    ['unix:/run/app.sock|http://localhost/x', ['scheme=http', 'hostname=localhost', 'port=80']],
  ])('reads the address of %s', (url, expected) => {
    expect(printMember({ url })).toEqual(expect.arrayContaining(expected));
  });

  test('tells no address of a handler', () => {
    expect(printMember({ url: 'local:handler', isHandler: true })).toEqual(
      expect.arrayContaining(['name=local:handler', 'scheme=local', 'hostname=', 'port=0']),
    );
  });

  test('escapes everything, and drops what cannot stand in XML', () => {
    const route = '</httpd:route><script>"\'&\u0000\u001b\ud800\uffff';
    const xml = print(buildBalancer({ id: 'a<b', members: [buildMember({ route })] }));
    expect(xml).toContain('<httpd:name>balancer://a&lt;b</httpd:name>');
    expect(xml).toContain(
      '<httpd:route>&lt;/httpd:route&gt;&lt;script&gt;&quot;&apos;&amp;\ufffd</httpd:route>',
    );
  });
});
