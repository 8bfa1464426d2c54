const balancer = '/api/balancers/:balancer';
const members = `${balancer}/members`;

/** Where things of a balancer are, below the mount path. */
export const paths = { balancer, members, member: `${members}/:member` } as const;

/** The path of a member, as a link has it. `base`: where the manager is mounted, as the client has encoded it. */
export function linkToMember(base: string, balancerId: string, name: string): string {
  // Names are anybody's texts; halves of a pair cannot be encoded.
  const [balancerPart, memberPart] = [balancerId, name].map((text) =>
    encodeURIComponent(text.toWellFormed()),
  );
  return `${base}/api/balancers/${balancerPart!}/members/${memberPart!}`;
}
