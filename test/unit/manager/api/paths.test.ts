import { describe, expect, test } from '@jest/globals';
import { linkToMember } from '../../../../src/manager/api/paths.ts';
import { readTermsOfQuery } from '../../../../src/manager/api/query-terms.ts';

describe('the link to a member', () => {
  test.each([
    ['', 'app', 'a', '/api/balancers/app/members/a'],
    ['/admin', 'app~2', 'http://h:1/x?y', '/admin/api/balancers/app~2/members/http%3A%2F%2Fh%3A1%2Fx%3Fy'],
    // As Express gives it: still as the client has encoded it.
    ['/b%C3%BCro', 'a/b', '\ud800\r\n', '/b%C3%BCro/api/balancers/a%2Fb/members/%EF%BF%BD%0D%0A'],
  ])('at %j to %j %j is %s', (base, balancer, name, link) => {
    expect(linkToMember(base, balancer, name)).toBe(link);
  });
});

describe('terms in a query', () => {
  test.each([
    ['', {}],
    ['reason=new+disks&for=20m', { reason: 'new disks', for: '20m' }],
    ['for=90', { for: 90 }],
    ['reason=90', { reason: '90' }],
    ['for=1e9&other=x', { for: '1e9', other: 'x' }],
  ])('%j are %j', (query, terms) => {
    expect(readTermsOfQuery(new URLSearchParams(query))).toEqual(terms);
  });
});
