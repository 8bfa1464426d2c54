/** For `<IfDirective>` and `<IfSection>`: what this library understands. */
const known = new Set(
  [
    'Allow AllowOverride BalancerGrowth BalancerInherit BalancerMember BalancerPersist CustomLog Define Deny DocumentRoot',
    'ErrorLog Header Include IncludeOptional Listen LoadModule LogLevel Order ProxyAddHeaders ProxyBadHeader',
    'ProxyErrorOverride ProxyHCExpr ProxyHCTemplate ProxyMaxForwards ProxyPass ProxyPassInherit ProxyPassMatch',
    'ProxyPassReverse ProxyPassReverseCookieDomain ProxyPassReverseCookiePath ProxyPreserveHost ProxyRequests ProxySet',
    'ProxyStatus ProxyTimeout ProxyVia RequestHeader Require RewriteBase RewriteCond RewriteEngine RewriteOptions',
    'RewriteRule Satisfy ServerAdmin ServerAlias ServerName ServerRoot SetHandler UnDefine Use',
    '<Directory <IfDefine <IfDirective <IfFile <IfModule <IfSection <IfVersion <Limit <LimitExcept <Location',
    '<LocationMatch <Macro <Proxy <ProxyMatch <RequireAll <RequireAny <RequireNone <VirtualHost',
  ]
    .join(' ')
    .toLowerCase()
    .split(' '),
);

/** Whether a directive, or a section by its `<Name`, is understood. */
export function isKnownDirective(name: string): boolean {
  return known.has(name.toLowerCase());
}
