import { describe, expect, test } from '@jest/globals';
import type { BalancerDefinition } from '../../../src/definition/definition.ts';
import type { MemberChange } from '../../../src/definition/member-change.ts';
import { DefinitionError, printProblem } from '../../../src/definition/problem.ts';
import { readChange, type ReadChange } from '../../../src/definition/read-change.ts';
import type { MemberSettings } from '../../../src/definition/settings.ts';
import { Status } from '../../../src/member/status.ts';
import { build } from './support.ts';

const { disabled, stopped, drain, inError, ignoreErrors, hotStandby, hotSpare } = Status;

const definition: BalancerDefinition = {
  memberDefaults: { timeout: 7 },
  members: [
    { url: 'http://app1/base/', route: 'app1', redirect: 'app2', hcmethod: 'GET', hcuri: '/h', status: 'I' },
    { url: 'http://app2', route: 'app2' },
    { url: 'http://app3', max: 3, acquire: 50 },
    { handler: () => undefined, route: 'sorry', status: 'H' },
    { url: 'http://app5', hcmethod: 'HEAD', hcexpect: [200], retry: 5, retryMax: 20 },
  ],
};

const all = build(definition).members;
const [app1, app2, app3, sorry, app5] = all as readonly [
  MemberSettings,
  MemberSettings,
  MemberSettings,
  MemberSettings,
  MemberSettings,
];

/** What can be compared: checks have functions of their own. */
function plain({ health, definition: from, ...rest }: MemberSettings): object {
  return { ...rest, isChecked: health !== undefined, isHandler: from.handler !== undefined };
}

function change(member: MemberSettings, value: MemberChange, status = 0): ReadChange {
  return readChange(value, member, all, status);
}

function linesOf(member: MemberSettings, value: unknown): readonly string[] {
  try {
    readChange(value, member, all, 0);
  } catch (error) {
    if (error instanceof DefinitionError) return error.problems.map(printProblem);
    throw error;
  }
  return [];
}

describe('a change of status', () => {
  test.each<[MemberChange, number, number | undefined]>([
    ['+D', 0, disabled],
    ['-D', disabled | drain, drain],
    ['drain', ignoreErrors, drain | ignoreErrors],
    ['enabled', disabled | stopped | drain | inError, inError],
    [{ status: '+D' }, drain, disabled | drain],
    [{ disabled: true }, 0, disabled],
    [{ disabled: false }, disabled | drain, drain],
    [
      { stopped: true, drain: true, inError: true, ignoreErrors: true, hotStandby: true },
      0,
      stopped | drain | inError | ignoreErrors | hotStandby,
    ],
    [{ hotSpare: true, hotStandby: false }, hotStandby, hotSpare],
    ['-H+R', hotStandby, hotSpare],
    [{ status: '-D', disabled: true }, 0, disabled],
    [{}, disabled, undefined],
    [{ loadfactor: 2 }, disabled, undefined],
  ])('%j upon %i makes %p', (value, status, flags) => {
    expect(change(app1, value, status).status).toBe(flags);
  });

  test('leaves the settings what they are, initial flags included', () => {
    expect(change(app1, '+D').settings).toBe(app1);
    expect(change(app1, { drain: true, status: '-I' }).settings).toBe(app1);
    expect(change(sorry, '-H').settings).toBe(sorry);
  });
});

describe('a change of parameters', () => {
  test.each<[string, MemberSettings, MemberChange, Partial<MemberSettings>]>([
    ['a weight', app1, { loadfactor: 2.5 }, { lbfactor: 250 }],
    ['a set', app1, { lbset: 1 }, { lbset: 1 }],
    ['a route', app2, { route: 'x' }, { route: 'x' }],
    ['no route', app2, { route: null }, { route: undefined }],
    ['no redirect', app1, { redirect: null }, { redirect: undefined }],
    ['a redirect', app1, { redirect: 'sorry' }, { redirect: 'sorry' }],
    ['retry, which takes its limit along', app1, { retry: 5 }, { retryMs: 5000, retryMaxMs: 50_000 }],
    ['a limit of retry', app1, { retryMax: false }, { retryMs: 60_000, retryMaxMs: 60_000 }],
    ['slow start', app1, { slowStart: '1m' }, { slowStartMs: 60_000 }],
    ['max', app3, { max: 5 }, { max: 5, acquireMs: 50 }],
    ['no max', app3, { max: null, acquire: null }, { max: Infinity, acquireMs: undefined }],
    ['a timeout, connecting included', app1, { timeout: 9 }, { timeoutMs: 9000, connectTimeoutMs: 9000 }],
    ['a weight of a handler', sorry, { loadfactor: 2, max: 1 }, { lbfactor: 200, max: 1 }],
  ])('sets %s, and nothing else', (_what, member, value, settings) => {
    const changed = change(member, value).settings;
    expect(plain(changed)).toEqual({ ...plain(member), ...settings });
    expect(changed.health?.target).toBe(member.health?.target);
    expect(change(member, value).status).toBeUndefined();
  });

  test.each<[MemberChange, object | undefined]>([
    [{ hcuri: '/x' }, { target: '/base/x', request: { method: 'GET', version: '1.0' } }],
    [
      { hcmethod: 'OPTIONS11', hcuri: '' },
      { target: '*', request: { method: 'OPTIONS', version: '1.1' } },
    ],
    [{ hcmethod: 'NONE' }, undefined],
    [{ hcinterval: 2 }, { intervalMs: 2000, timeoutMs: 2000, target: '/base/h' }],
    [
      { hcpasses: 2, hcfails: 3, hctimeout: 1 },
      { passes: 2, fails: 3, timeoutMs: 1000 },
    ],
    [{ hcheaders: { Host: 'x' } }, { headers: [['Host', 'x']] }],
    [{ hcexpect: /x/ }, { readsBody: true }],
  ])('%j changes how health is checked', (value, health) => {
    const { settings } = change(app1, value);
    if (health === undefined) expect(settings.health).toBeUndefined();
    else expect(settings.health).toMatchObject(health);
  });

  test('is kept by the next one', () => {
    const once = change(app1, { loadfactor: 2, hcinterval: 9 }).settings;
    const twice = change(once, { lbset: 4 }).settings;
    expect(twice).toMatchObject({ lbfactor: 200, lbset: 4, health: { intervalMs: 9000 } });
    expect(change(twice, { loadfactor: 1, hcinterval: 30, lbset: 0 }).settings).toMatchObject({
      lbfactor: 100,
      lbset: 0,
      health: { intervalMs: 30_000 },
    });
  });

  test('to what it is already makes the same object', () => {
    for (const value of [{}, { max: 3 }, { route: null }, { acquire: 50, max: 3 }, { max: undefined }]) {
      expect(change(app3, value as MemberChange).settings).toBe(app3);
    }
    expect(change(app3, { max: 4 }).settings).not.toBe(app3);
  });

  test('leaves the name, and freezes what it makes', () => {
    const { settings } = change(app2, { route: 'x' });
    expect(settings.name).toBe('app2');
    expect([settings, settings.definition].every(Object.isFrozen)).toBe(true);
  });
});

describe('null takes a parameter away', () => {
  const memberDefaults = {
    loadfactor: 3,
    max: 9,
    retry: 5,
    timeout: 7,
    hcmethod: 'GET',
    hcuri: '/d',
  } as const;
  const own = {
    url: 'http://a',
    route: 'a',
    loadfactor: 2,
    lbset: 4,
    max: 1,
    acquire: 10,
    retry: 20,
    retryMax: 30,
    slowStart: 40,
    timeout: 50,
    hcmethod: 'HEAD',
    hcuri: '/h',
    hcinterval: 6,
    hcpasses: 2,
    hcfails: 3,
    hctimeout: 4,
    hcheaders: { A: 'b' },
    hcexpect: [204],
  } as const;
  const { url, route, ...parameters } = own;
  const everything: MemberChange = Object.fromEntries(Object.keys(parameters).map((name) => [name, null]));

  function withoutAll(more: Partial<BalancerDefinition>): readonly MemberSettings[] {
    const [changed] = build({ ...more, members: [own] }).members;
    const [bare] = build({ ...more, members: [{ url, route }] }).members;
    return [readChange(everything, changed!, [changed!], 0).settings, bare!];
  }

  test.each<[string, Partial<BalancerDefinition>]>([
    ['its default', { proxytimeout: 8 }],
    ['what memberDefaults say', { memberDefaults, proxytimeout: 8 }],
  ])('so that it is %s again, for every one of them', (_what, more) => {
    const [changed, bare] = withoutAll(more);
    const isExpected = expect.any(Function);
    const health = bare!.health && { ...bare!.health, isExpected };
    expect(changed).toEqual({ ...bare, health });
  });

  test('of a handler too', () => {
    const definition = {
      memberDefaults: { loadfactor: 3, timeout: 7 },
      members: [{ handler: () => undefined, loadfactor: 2 }],
    };
    const [member] = build(definition).members;
    expect(readChange({ loadfactor: null }, member!, [member!], 0).settings.lbfactor).toBe(300);
    expect(readChange({ max: null }, member!, [member!], 0).settings).toBe(member);
  });

  test('and a check in HTTP becomes one of TCP', () => {
    const [member] = build({
      members: [{ url: 'http://a', hcmethod: 'GET', hcuri: '/h', hcheaders: { A: 'b' }, hcexpect: [200] }],
    }).members;
    const change = { hcmethod: 'TCP', hcuri: null, hcheaders: null, hcexpect: null } as const;
    expect(readChange(change, member!, [member!], 0).settings.health).toMatchObject({ request: undefined });
  });

  test.each<[MemberChange, string]>([
    [
      { hcmethod: 'TCP', hcuri: null },
      "change.hcuri is '/d': TCP connects and asks for nothing; write hcmethod: 'GET', or leave it out",
    ],
    [
      { hcmethod: 'HEAD', hcexpect: null },
      "change.hcexpect is /d/: no body is read with HEAD; write hcmethod: 'GET', or expect a status",
    ],
  ])('and what comes back instead must fit: %j', (value, line) => {
    const [member] = build({
      memberDefaults: { hcmethod: 'GET', hcuri: '/d', hcexpect: /d/ },
      members: [{ url: 'http://a', hcuri: '/h', hcexpect: [200] }],
    }).members;
    expect(() => readChange(value, member!, [member!], 0)).toThrow(line);
  });

  test('and a route that is ambiguous in the set that comes back is refused', () => {
    const { members } = build({
      memberDefaults: { lbset: 2 },
      members: [
        { url: 'http://a', route: 'x' },
        { url: 'http://b', route: 'x', lbset: 1 },
      ],
    });
    expect(() => readChange({ lbset: null }, members[1]!, members, 0)).toThrow(/'x' has this route too/);
  });
});

describe('a wrong change', () => {
  const noServer = 'it is for servers, and a handler is none; leave it out';

  test.each<[string, MemberSettings, unknown, string]>([
    ['letters', app1, 'd', "change is 'd': status letters are upper case; write 'D'"],
    ['words', app1, 'drian', "change is 'drian': drian is no status word; write 'drain'"],
    [
      'a number',
      app1,
      5,
      "change is 5: it must be a status or a record of options; write '+D', '-drain' or { loadfactor: 2 }",
    ],
    [
      'nothing',
      app1,
      null,
      "change is null: it must be a status or a record of options; write '+D', '-drain' or { loadfactor: 2 }",
    ],
    ['a flag', app1, { disabled: 'yes' }, "change.disabled is 'yes': it must be true or false; write true"],
    [
      'a flag by another name',
      app1,
      { draining: true },
      'change.draining is true: there is no such option; write drain',
    ],
    [
      'enabled',
      app1,
      { enabled: true },
      "change.enabled is true: there is no such option; write status: 'enabled', or disabled: false",
    ],
    [
      'a weight',
      app1,
      { loadfactor: -1 },
      'change.loadfactor is -1: it must be a weight; write a number from 1 to 100',
    ],
    [
      'no weight',
      app1,
      { loadfactor: 0 },
      "change.loadfactor is 0: it must be a weight; write a number from 1 to 100, or status: 'N' for no new requests",
    ],
    [
      'max',
      app1,
      { max: 0 },
      "change.max is 0: httpd's 0 is its default, which here is no limit; write null",
    ],
    ['any max', app1, { max: Infinity }, 'change.max is Infinity: there is no limit anyway; write null'],
    ['no max', app1, { max: false }, 'change.max is false: there is no limit anyway; write null'],
    [
      'an empty route',
      app2,
      { route: '' },
      "change.route is '': it must be a label, and is empty; write null, or write a label such as 'app1'",
    ],
    [
      'acquire without max',
      app1,
      { acquire: 5 },
      'change.acquire is 5: nobody waits for a member without max; write max too, or leave it out',
    ],
    [
      'acquire, and max taken away',
      app3,
      { acquire: 5, max: null },
      'change.acquire is 5: nobody waits for a member without max; write max too, or leave it out',
    ],
    [
      'acquire of a handler without max',
      sorry,
      { acquire: 5 },
      'change.acquire is 5: nobody waits for a member without max; write max too, or leave it out',
    ],
    [
      'a spare and a standby at once',
      app1,
      { hotSpare: true, hotStandby: true },
      'change.hotSpare is true: a member is a hot standby or a hot spare, not both; write hotStandby: false too',
    ],
    [
      'both in letters',
      app1,
      'HR',
      "change is 'HR': a member is a hot standby or a hot spare, not both; write 'H' or 'R'",
    ],
    [
      'a deadline',
      app1,
      { drain: true, deadline: 30 },
      'change.deadline is 30: it is an option of drain; write balancer.drain(name, { deadline: … })',
    ],
    [
      'retry of which the default is too long',
      app5,
      { retry: null },
      'change.retry is 60: it is longer than retryMax; write retryMax too',
    ],
    [
      'a misspelling',
      app1,
      { loadFactor: 2 },
      'change.loadFactor is 2: there is no such option; write loadfactor',
    ],
    ['another word', app1, { weight: 2 }, 'change.weight is 2: there is no such option; write loadfactor'],
    [
      'a url',
      app1,
      { url: 'http://x' },
      "change.url is 'http://x': it does not change while a member runs; write balancer.update(definition)",
    ],
    [
      'tls',
      app1,
      { tls: {} },
      'change.tls is an object: it does not change while a member runs; write balancer.update(definition)',
    ],
    [
      'ttl',
      app1,
      { ttl: 1 },
      'change.ttl is 1: it does not change while a member runs; write balancer.update(definition)',
    ],
    [
      'warmUp',
      app1,
      { warmUp: '/w' },
      "change.warmUp is '/w': it does not change while a member runs; write balancer.update(definition)",
    ],
    [
      'an option of the balancer',
      app1,
      { hold: 1 },
      'change.hold is 1: it is an option of the balancer; write balancer.configure({ hold: … })',
    ],
    [
      'an option of the balancer that does not change otherwise',
      app1,
      { logger: 1 },
      'change.logger is 1: it is an option of the balancer; write balancer.update(definition)',
    ],
    ...[
      ['lbmethod', 'lbmethod'],
      ['stickysession', 'stickysession'],
      ['ejection', 'ejection'],
      ['sticky', 'stickysession'],
      ['maxqueue', 'queueLength'],
      ['max_fails', 'ejection'],
    ].map(([name, option]): [string, MemberSettings, unknown, string] => [
      name!,
      app1,
      { [name!]: 1 },
      `change.${name!} is 1: it is an option of the balancer; write balancer.configure({ ${option!}: … })`,
    ]),
    ...['port', 'connectTimeout', 'sni', 'address'].map((name): [string, MemberSettings, unknown, string] => [
      name,
      app1,
      { [name]: 1 },
      `change.${name} is 1: it does not change while a member runs; write balancer.update(definition)`,
    ]),
    ['retry', app5, { retry: 30 }, 'change.retry is 30: it is longer than retryMax; write retryMax too'],
    [
      'retryMax',
      app1,
      { retryMax: 5 },
      'change.retryMax is 5: it is shorter than retry (60 s); write a longer time, or false where retry is not to grow',
    ],
    [
      'a check without method',
      app2,
      { hcuri: '/x' },
      "change.hcuri is '/x': it says how health is checked, and it is not; write hcmethod: 'GET' too, or leave it out",
    ],
    [
      'a body of HEAD',
      app5,
      { hcexpect: /x/ },
      "change.hcexpect is /x/: no body is read with HEAD; write hcmethod: 'GET', or expect a status",
    ],
    [
      'TCP',
      app1,
      { hcmethod: 'TCP' },
      "change.hcmethod is 'TCP': TCP connects and asks for nothing, and there is hcuri; write hcuri: null too",
    ],
    [
      'a route that is there',
      app2,
      { route: 'app1' },
      "change.route is 'app1': 'app1' has this route too; write another route, or status: 'H' on the one that stands in for the other",
    ],
    [
      'a redirect to nobody',
      app2,
      { redirect: 'ap1' },
      "change.redirect is 'ap1': no other member has this route; write 'app1'",
    ],
    [
      'a redirect without route',
      app3,
      { redirect: 'app1' },
      "change.redirect is 'app1': it is for sessions with the route of this member, which has none; write route too, or leave it out",
    ],
    [
      'no route for a redirect',
      app1,
      { route: null },
      "change.route is null: its sessions go to 'app2' while it is unusable, by their route; write redirect: null too",
    ],
    ['a timeout of a handler', sorry, { timeout: 5 }, `change.timeout is 5: ${noServer}`],
    ['a check of a handler', sorry, { hcmethod: 'GET' }, `change.hcmethod is 'GET': ${noServer}`],
  ])('%s is answered in one line', (_what, member, value, line) => {
    expect(linesOf(member, value)).toEqual([line]);
  });

  test('of a set that makes a route ambiguous is refused, but for a hot standby', () => {
    const apart = build({
      members: [
        { url: 'http://a', route: 'x' },
        { url: 'http://b', route: 'x', lbset: 1 },
      ],
    }).members;
    const to0 = (value: MemberChange): unknown => readChange(value, apart[1]!, apart, 0);
    expect(() => to0({ lbset: 0 })).toThrow(/change\.lbset is 0: 'x' has this route too/);
    expect(() => to0({ lbset: 0, hotStandby: true })).not.toThrow();
    expect(readChange({ lbset: 0 }, apart[1]!, apart, 0, 'httpd').settings.lbset).toBe(0);
  });

  test('says whose it is, and all its faults', () => {
    expect(() => change(app1, { loadfactor: 0, lbset: -1, drain: true })).toThrow(
      /^The change of member 'app1' is wrong:\n {2}change\.loadfactor .*\n {2}change\.lbset /,
    );
  });
});
