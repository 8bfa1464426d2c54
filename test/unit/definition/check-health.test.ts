import { describe, expect, test } from '@jest/globals';
import { linesFor, linesForMember } from './support.ts';

const get = { hcmethod: 'GET' };

describe('how health is checked', () => {
  test.each<[Readonly<Record<string, unknown>>]>([
    [{ hcmethod: 'TCP', hcinterval: 5, hcpasses: 2, hcfails: 3, hctimeout: 1, warmUp: ['/a'] }],
    [{ hcmethod: 'NONE', hcuri: '/h' }],
    [{ ...get, hcuri: '' }],
    [{ ...get, hcuri: '/h?x=../y' }],
    [{ ...get, hcinterval: 0.1, hctimeout: '7s' }],
    [{ ...get, hcheaders: { Host: 'app.internal:8080', Authorization: 'Basic x' } }],
    [{ hcmethod: 'OPTIONS' }],
    [{ hcmethod: 'OPTIONS11', hcuri: '/h' }],
  ])('%j passes', (given) => {
    expect(linesForMember(given)).toEqual([]);
  });

  test.each<[Readonly<Record<string, unknown>>, string]>([
    [
      { hcuri: '/h' },
      "members[2].hcuri is '/h': it says how health is checked, and it is not; write hcmethod: 'GET' too, or leave it out",
    ],
    [
      { hcinterval: 5 },
      "members[2].hcinterval is 5: it says how health is checked, and it is not; write hcmethod: 'GET' too, or leave it out",
    ],
    [
      { hcpasses: 2 },
      "members[2].hcpasses is 2: it says how health is checked, and it is not; write hcmethod: 'GET' too, or leave it out",
    ],
    [
      { hcfails: 2 },
      "members[2].hcfails is 2: it says how health is checked, and it is not; write hcmethod: 'GET' too, or leave it out",
    ],
    [
      { hctimeout: 2 },
      "members[2].hctimeout is 2: it says how health is checked, and it is not; write hcmethod: 'GET' too, or leave it out",
    ],
    [
      { hcheaders: { A: 'b' } },
      "members[2].hcheaders is an object: it says how health is checked, and it is not; write hcmethod: 'GET' too, or leave it out",
    ],
    [
      { hcexpect: [200] },
      "members[2].hcexpect is [200]: it says how health is checked, and it is not; write hcmethod: 'GET' too, or leave it out",
    ],
    [
      { warmUp: '/w' },
      "members[2].warmUp is '/w': it says how health is checked, and it is not; write hcmethod: 'GET' too, or leave it out",
    ],
    [{ hcmethod: 'get' }, "members[2].hcmethod is 'get': there is no such value; write 'GET'"],
    [
      { hcmethod: 'CPING' },
      "members[2].hcmethod is 'CPING': it is for AJP, and members are spoken to in HTTP; write 'GET'",
    ],
    [
      { hcmethod: 'PROVIDER' },
      "members[2].hcmethod is 'PROVIDER': httpd has not built it either; write 'GET'",
    ],
    [
      { hcmethod: 'POST' },
      "members[2].hcmethod is 'POST': a check must not change anything; write 'GET', 'HEAD' or 'OPTIONS'",
    ],
    [
      { hcmethod: true },
      "members[2].hcmethod is true: there is no such value; write 'GET', 'HEAD', 'OPTIONS' or 'TCP'",
    ],
    [{ hcmethod: false }, "members[2].hcmethod is false: there is no such value; write 'NONE'"],
    [
      { hcmethod: 'PING' },
      "members[2].hcmethod is 'PING': there is no such value; write 'NONE', 'TCP', 'OPTIONS', 'HEAD', 'GET', 'OPTIONS11', 'HEAD11' or 'GET11'",
    ],
    [
      { ...get, hcuri: 'h' },
      "members[2].hcuri is 'h': it is put after the member's path, and begins with one /; write '/h'",
    ],
    [
      { ...get, hcuri: '//h' },
      "members[2].hcuri is '//h': it is put after the member's path, and begins with one /; write '/h'",
    ],
    [
      { ...get, hcuri: '/h h' },
      "members[2].hcuri is '/h h': it has letters that no path of a request has; write them percent-encoded",
    ],
    [
      { ...get, hcuri: '/h#a' },
      "members[2].hcuri is '/h#a': no server is sent a fragment; leave out what follows the #",
    ],
    [
      { ...get, hcuri: '/ä' },
      "members[2].hcuri is '/ä': it has letters that no path of a request has; write them percent-encoded",
    ],
    [
      { ...get, hcuri: '/a\\b' },
      "members[2].hcuri is '/a\\\\b': it has letters that no path of a request has; write them percent-encoded",
    ],
    [
      { ...get, hcuri: '/a/../b' },
      "members[2].hcuri is '/a/../b': dot segments lead out of it; write the path that they lead to",
    ],
    [
      { ...get, hcuri: '/%2E%2e' },
      "members[2].hcuri is '/%2E%2e': dot segments lead out of it; write the path that they lead to",
    ],
    [
      { ...get, hcuri: '?x' },
      "members[2].hcuri is '?x': it is put after the member's path, and begins with one /; write a path such as '/health'",
    ],
    [
      { ...get, hcuri: '/a\r\nb' },
      "members[2].hcuri is '/a\\r\\nb': it has letters that no path of a request has; write them percent-encoded",
    ],
    [{ ...get, hcuri: 5 }, "members[2].hcuri is 5: it must be a path; write a path such as '/health'"],
    [
      { ...get, warmUp: ['/a', 'b'] },
      "members[2].warmUp[1] is 'b': it is put after the member's path, and begins with one /; write '/b'",
    ],
    [
      { ...get, warmUp: '' },
      "members[2].warmUp is '': it is put after the member's path, and begins with one /; write a path such as '/health'",
    ],
    [
      { ...get, hcinterval: '99ms' },
      "members[2].hcinterval is '99ms': httpd allows no less than 100 ms; write '100ms' or more",
    ],
    [
      { ...get, hcinterval: 0 },
      "members[2].hcinterval is 0: it is no time at all; write hcmethod: 'NONE' for no checks",
    ],
    [
      { ...get, hcinterval: 5000 },
      "members[2].hcinterval is 5000: 5000 seconds would be 1 h 23 min; write 5 for seconds or '5000ms'; if it is meant, '5000s'",
    ],
    [{ ...get, hcpasses: 0 }, 'members[2].hcpasses is 0: httpd takes 0 for 1; write 1'],
    [{ ...get, hcfails: 0 }, 'members[2].hcfails is 0: httpd takes 0 for 1; write 1'],
    [
      { ...get, hcfails: 1.5 },
      'members[2].hcfails is 1.5: it must be a number of checks in a row; write a whole number from 1 up',
    ],
    [
      { ...get, hctimeout: 0 },
      'members[2].hctimeout is 0: it is no time at all; leave it out for 5 s, or hcinterval where that is shorter',
    ],
    [
      { ...get, hcheaders: { Connection: 'close' } },
      'members[2].hcheaders.Connection is a string: it says how a check is carried; leave it out',
    ],
    [
      { ...get, hcheaders: { 'content-length': '1' } },
      "members[2].hcheaders['content-length'] is a string: it says how a check is carried; leave it out",
    ],
    [
      { ...get, hcheaders: { 'Transfer-Encoding': 'x' } },
      "members[2].hcheaders['Transfer-Encoding'] is a string: it says how a check is carried; leave it out",
    ],
    [
      { ...get, hcheaders: { Expect: 'x' } },
      'members[2].hcheaders.Expect is a string: it says how a check is carried; leave it out',
    ],
    [
      { ...get, hcheaders: { upgrade: 'x' } },
      'members[2].hcheaders.upgrade is a string: it says how a check is carried; leave it out',
    ],
    [
      { ...get, hcheaders: { 'a b': 'x' } },
      "members[2].hcheaders['a b'] is a string: it must be a field's name: letters, digits and !#$%&'*+-.^_`|~; write one such as 'Host'",
    ],
    [
      { ...get, hcheaders: { Authorization: 'secret\n' } },
      'members[2].hcheaders.Authorization is a string: it has letters in it that no field carries; take control characters and the like out',
    ],
    [
      { ...get, hcheaders: { A: 1 } },
      "members[2].hcheaders.A is a number: it must be a text; write it in quotes: 'x'",
    ],
    [
      { ...get, hcheaders: { Host: 'a b' } },
      "members[2].hcheaders.Host is a string: it must be a host, with its port if it has one; write it so: 'app.internal:8080'",
    ],
    [
      { ...get, hcheaders: { Host: 'a', host: 'b' } },
      'members[2].hcheaders.host is a string: Host is the same field; leave one of them out',
    ],
    [
      { ...get, hcheaders: ['a'] },
      "members[2].hcheaders is ['a']: it must be a record of options; write { Host: 'app.internal' }",
    ],
  ])('%j is answered in one line', (given, line) => {
    expect(linesForMember(given)).toEqual([line]);
  });
});

describe('what an answer must be', () => {
  test.each<[Readonly<Record<string, unknown>>]>([
    [{ ...get, hcexpect: [200, 404] }],
    [{ ...get, hcexpect: /ready/i }],
    [{ ...get, hcexpect: { status: [200], body: /x/ } }],
    [{ ...get, hcexpect: () => true }],
    [{ hcmethod: 'HEAD11', hcexpect: () => true }],
    [{ hcmethod: 'HEAD', hcexpect: [200] }],
    [{ hcmethod: 'OPTIONS', hcexpect: { status: [200] } }],
  ])('%j passes', (given) => {
    expect(linesForMember(given)).toEqual([]);
  });

  test.each<[Readonly<Record<string, unknown>>, string]>([
    [
      { ...get, hcexpect: [] },
      'members[2].hcexpect is []: no answer would pass; leave it out for 200 to 399',
    ],
    [
      { ...get, hcexpect: { status: [] } },
      'members[2].hcexpect.status is []: no answer would pass; leave it out for 200 to 399',
    ],
    [{ ...get, hcexpect: 200 }, 'members[2].hcexpect is 200: it must be a list; write [200]'],
    [
      { ...get, hcexpect: '200,204' },
      "members[2].hcexpect is '200,204': statuses are numbers; write [200, 204]",
    ],
    [
      { ...get, hcexpect: '2xx' },
      "members[2].hcexpect is '2xx': it must be statuses, a pattern or a function; write ({ status }) => status >= 200 && status <= 299",
    ],
    [
      { ...get, hcexpect: '200-204' },
      "members[2].hcexpect is '200-204': it must be statuses, a pattern or a function; write ({ status }) => status >= 200 && status <= 204",
    ],
    [{ ...get, hcexpect: '200-399' }, "members[2].hcexpect is '200-399': that is the default; leave it out"],
    [{ ...get, hcexpect: '2xx-3xx' }, "members[2].hcexpect is '2xx-3xx': that is the default; leave it out"],
    [
      { ...get, hcexpect: 'status 200' },
      "members[2].hcexpect is 'status 200': statuses are numbers; write [200]",
    ],
    [
      { ...get, hcexpect: 'rstatus: 200|204' },
      "members[2].hcexpect is 'rstatus: 200|204': statuses are numbers; write [200, 204]",
    ],
    [
      { ...get, hcexpect: { status: '2xx' } },
      "members[2].hcexpect.status is '2xx': it must be statuses, a pattern or a function; write hcexpect: ({ status }) => status >= 200 && status <= 299",
    ],
    [
      { ...get, hcexpect: { status: '200-399' } },
      "members[2].hcexpect.status is '200-399': that is the default; leave it out",
    ],
    [
      { ...get, hcexpect: 'ready' },
      "members[2].hcexpect is 'ready': it must be statuses, a pattern or a function; write [200], /ready/, { status, body } or (answer) => true",
    ],
    [
      { ...get, hcexpect: {} },
      'members[2].hcexpect is an object: it says nothing; leave it out for 200 to 399',
    ],
    [
      { ...get, hcexpect: { status: undefined } },
      'members[2].hcexpect is an object: it says nothing; leave it out for 200 to 399',
    ],
    [
      { ...get, hcexpect: [100] },
      'members[2].hcexpect[0] is 100: it must be a status; write a whole number from 200 to 599',
    ],
    [
      { ...get, hcexpect: /x/g },
      'members[2].hcexpect is /x/g: with the flag g or y a pattern remembers where it matched last, so every other request would miss; write /x/',
    ],
    [
      { ...get, hcexpect: { body: /x/y } },
      'members[2].hcexpect.body is /x/y: with the flag g or y a pattern remembers where it matched last, so every other request would miss; write /x/',
    ],
    [
      { ...get, hcexpect: { body: 5 } },
      'members[2].hcexpect.body is 5: it must be a pattern; write a RegExp such as /ready/, or a function as hcexpect',
    ],
    [
      { ...get, hcexpect: { body: '/ready/' } },
      "members[2].hcexpect.body is '/ready/': a text is what stands between the slashes; write 'ready'",
    ],
    [
      { hcmethod: 'HEAD', hcexpect: { body: 'ready' } },
      "members[2].hcexpect is an object: no body is read with HEAD; write hcmethod: 'GET', or expect a status",
    ],
    [
      { ...get, hcexpect: { statuses: [200] } },
      'members[2].hcexpect.statuses is [200]: there is no such option; write status',
    ],
    [
      { ...get, hcexpect: true },
      'members[2].hcexpect is true: it must be statuses, a pattern or a function; write [200], /ready/, { status, body } or (answer) => true',
    ],
    [
      { hcmethod: 'HEAD', hcexpect: /x/ },
      "members[2].hcexpect is /x/: no body is read with HEAD; write hcmethod: 'GET', or expect a status",
    ],
    [
      { hcmethod: 'OPTIONS11', hcexpect: { body: /x/ } },
      "members[2].hcexpect is an object: no body is read with OPTIONS11; write hcmethod: 'GET', or expect a status",
    ],
    [
      { hcmethod: 'TCP', hcexpect: [200] },
      "members[2].hcexpect is [200]: TCP connects and asks for nothing; write hcmethod: 'GET', or leave it out",
    ],
    [
      { hcmethod: 'TCP', hcexpect: () => true },
      "members[2].hcexpect is a function: TCP connects and asks for nothing; write hcmethod: 'GET', or leave it out",
    ],
    [
      { hcmethod: 'TCP', hcuri: '/h' },
      "members[2].hcuri is '/h': TCP connects and asks for nothing; write hcmethod: 'GET', or leave it out",
    ],
    [
      { hcmethod: 'TCP', hcheaders: { A: 'b' } },
      "members[2].hcheaders is an object: TCP connects and asks for nothing; write hcmethod: 'GET', or leave it out",
    ],
  ])('%j is answered in one line', (given, line) => {
    expect(linesForMember(given)).toEqual([line]);
  });
});

describe('health options, where some are defaults', () => {
  test.each<[Readonly<Record<string, unknown>>]>([
    [{ memberDefaults: { hcuri: '/h' }, members: ['http://a', { url: 'http://b', ...get }] }],
    [{ memberDefaults: get, members: ['http://a', { url: 'http://b', hcuri: '/x' }] }],
    [{ memberDefaults: { ...get, hcuri: '/h' }, members: [{ url: 'http://b', hcmethod: 'NONE' }] }],
  ])('%j passes', (given) => {
    expect(linesFor(given)).toEqual([]);
  });

  test.each<[Readonly<Record<string, unknown>>, string]>([
    [
      { memberDefaults: { hcuri: '/h' } },
      "memberDefaults.hcuri is '/h': it says how health is checked, and it is not; write hcmethod: 'GET' too, or leave it out",
    ],
    [
      { memberDefaults: { hcmethod: 'TCP', hcuri: '/h' } },
      "memberDefaults.hcuri is '/h': TCP connects and asks for nothing; write hcmethod: 'GET', or leave it out",
    ],
    [
      { memberDefaults: { ...get, hcexpect: /x/ }, members: [{ url: 'http://a', hcmethod: 'HEAD' }] },
      "members[0].hcmethod is 'HEAD': no body is read with HEAD, and there is hcexpect; write another method",
    ],
    [
      { memberDefaults: { ...get, hcuri: '/h' }, members: [{ url: 'http://a', hcmethod: 'TCP' }] },
      "members[0].hcmethod is 'TCP': TCP connects and asks for nothing, and there is hcuri; write another method",
    ],
    [
      { memberDefaults: { hcmethod: 'HEAD' }, members: [{ url: 'http://a', hcexpect: /x/ }] },
      "members[0].hcexpect is /x/: no body is read with HEAD; write hcmethod: 'GET', or expect a status",
    ],
  ])('%j is answered in one line', (given, line) => {
    expect(linesFor(given)).toEqual([line]);
  });
});
