/** Directives of httpd that do nothing here, by the reason; a `+` before it: what they ask for is so anyway. */
const reasons: readonly (readonly [why: string, names: string])[] = [
  [
    '+the process is started by the operator: systemd, a container, PM2',
    'User Group PidFile DefaultRuntimeDir ScoreBoardFile CoreDumpDirectory Mutex LockFile AcceptMutex ServerRoot ChrootDir',
  ],
  [
    'one Node process serves all connections: there are no threads or workers to count; cluster or PM2 run several',
    'StartServers MinSpareServers MaxSpareServers MinSpareThreads MaxSpareThreads ThreadsPerChild ThreadLimit ServerLimit MaxRequestWorkers MaxClients MaxConnectionsPerChild MaxRequestsPerChild MaxMemFree AsyncRequestWorkerFactor ThreadStackSize EnableExceptionHook GracefulShutdownTimeout SendBufferSize ReceiveBufferSize ListenBackLog ListenCoresBucketsRatio AcceptFilter AcceptThreads',
  ],
  [
    "Node's HTTP server keeps connections: server.keepAliveTimeout, server.maxRequestsPerSocket",
    'KeepAlive KeepAliveTimeout MaxKeepAliveRequests',
  ],
  [
    "Node's HTTP server has limits of its own: server.requestTimeout, maxHeaderSize, server.maxHeadersCount",
    'RequestReadTimeout LimitRequestFields LimitRequestFieldSize LimitRequestLine LimitRequestBody HttpProtocolOptions LimitInternalRecursion LimitXMLRequestBody MaxRanges MaxRangeOverlaps MaxRangeReversals',
  ],
  [
    "the app logs: a middleware such as morgan; req.balancer holds httpd's BALANCER_* variables",
    'LogFormat CustomLog TransferLog GlobalLog BufferedLogs LogIOTrackTTFB CookieLog ForensicLog',
  ],
  [
    "the definition's logger takes what httpd writes to its error log",
    'ErrorLog ErrorLogFormat LogLevel LogLevelOverride',
  ],
  ['+only pages that httpd itself makes show it', 'ServerAdmin ServerSignature ServerTokens'],
  [
    "hosts are told apart by the client's Host, and redirects are mapped to it",
    'UseCanonicalName UseCanonicalPhysicalPort NameVirtualHost ServerPath HostnameLookups IdentityCheck DNSResolver',
  ],
  [
    'files are served by the app: express.static',
    'DocumentRoot DirectoryIndex DirectorySlash FallbackResource DirectoryCheckHandler DirectoryIndexRedirect Alias AliasMatch AliasPreservePath ScriptAlias ScriptAliasMatch Options AllowOverride AllowOverrideList AccessFileName IndexOptions IndexIgnore IndexOrderDefault IndexStyleSheet AddIcon AddIconByType AddIconByEncoding AddDescription DefaultIcon HeaderName ReadmeName EnableMMAP EnableSendfile FileETag ContentDigest UserDir VirtualDocumentRoot VirtualScriptAlias CheckSpelling CheckCaseOnly MultiviewsMatch LanguagePriority ForceLanguagePriority XBitHack',
  ],
  [
    'types are those that members send; express.static knows those of files',
    'AddType AddHandler AddCharset AddDefaultCharset AddEncoding AddLanguage AddInputFilter AddOutputFilter DefaultType DefaultLanguage ForceType RemoveType RemoveHandler RemoveCharset RemoveEncoding RemoveLanguage TypesConfig MimeMagicFile ModMimeUsePathInfo Action Script',
  ],
  [
    'redirects are made by the app: res.redirect',
    'Redirect RedirectMatch RedirectPermanent RedirectTemp RedirectRelative',
  ],
  [
    "error pages are the app's: an error-handling middleware gets a BalancerError with code and status",
    'ErrorDocument ProxyErrorDocument',
  ],
  ['headers of requests are set by the app, before the balancer: req.headers', 'RequestHeader'],
  [
    'variables of requests have no counterpart: the app decides in a middleware before the balancer',
    'SetEnv SetEnvIf SetEnvIfNoCase SetEnvIfExpr UnsetEnv PassEnv BrowserMatch BrowserMatchNoCase',
  ],
  [
    'compression is the affair of the app (compression) or of the members',
    'DeflateCompressionLevel DeflateBufferSize DeflateFilterNote DeflateMemLevel DeflateWindowSize DeflateInflateLimitRequestBody AddOutputFilterByType SetOutputFilter SetInputFilter BrotliCompressionQuality BrotliFilterNote FilterDeclare FilterProvider FilterChain FilterProtocol FilterTrace',
  ],
  [
    'caching is told by members, or set by the app: res.set',
    'ExpiresActive ExpiresByType ExpiresDefault CacheEnable CacheDisable CacheRoot CacheDirLevels CacheDirLength CacheLock CacheQuickHandler CacheHeader CacheIgnoreHeaders CacheIgnoreCacheControl CacheDefaultExpire CacheMaxExpire CacheMaxFileSize CacheSocache',
  ],
  [
    "TLS towards clients is the app's: https.createServer, or what is before it",
    'SSLCertificateFile SSLCertificateKeyFile SSLCertificateChainFile SSLCACertificateFile SSLCACertificatePath SSLCARevocationFile SSLCARevocationCheck SSLCARevocationPath SSLProtocol SSLCipherSuite SSLHonorCipherOrder SSLCompression SSLSessionCache SSLSessionCacheTimeout SSLSessionTickets SSLSessionTicketKeyFile SSLMutex SSLRandomSeed SSLPassPhraseDialog SSLOptions SSLUserName SSLVerifyClient SSLVerifyDepth SSLRequireSSL SSLRequire SSLStrictSNIVHostCheck SSLUseStapling SSLStaplingCache SSLOCSPEnable SSLInsecureRenegotiation SSLCryptoDevice SSLOpenSSLConfCmd SSLPolicy SSLFIPS MDomain MDCertificateAgreement MDContactEmail',
  ],
  [
    'TLS to members is in the definition: write tls: { ca, cert, key, servername } on the members',
    'SSLProxyCACertificateFile SSLProxyCACertificatePath SSLProxyCARevocationFile SSLProxyCARevocationPath SSLProxyCARevocationCheck SSLProxyMachineCertificateFile SSLProxyMachineCertificatePath SSLProxyMachineCertificateChainFile SSLProxyVerifyDepth SSLProxyProtocol SSLProxyCipherSuite SSLProxyCheckPeerName SSLProxyCheckPeerCN SSLProxyCheckPeerExpire',
  ],
  [
    'who somebody is, the app finds out: a middleware such as passport before the balancer',
    'AuthType AuthName AuthUserFile AuthGroupFile AuthBasicProvider AuthBasicAuthoritative AuthBasicFake AuthDigestDomain AuthDigestProvider AuthDigestAlgorithm AuthDigestQop AuthMerging AuthLDAPURL AuthLDAPBindDN AuthLDAPBindPassword AuthFormProvider AuthzProviderAlias Session SessionCookieName OIDCProviderMetadataURL OIDCClientID OIDCClientSecret OIDCRedirectURI OIDCCryptoPassphrase',
  ],
  [
    "what the app believes is Express's: app.set('trust proxy', …), or trustProxy in the definition",
    'RemoteIPHeader RemoteIPInternalProxy RemoteIPInternalProxyList RemoteIPTrustedProxy RemoteIPTrustedProxyList RemoteIPProxiesHeader RemoteIPProxyProtocol RemoteIPProxyProtocolExceptions',
  ],
  [
    'there is nothing of it here: put the firewall before the app',
    'SecRuleEngine SecRule SecAction SecRequestBodyAccess SecResponseBodyAccess SecAuditEngine SecAuditLog SecAuditLogParts SecDataDir SecTmpDir SecDebugLog SecDebugLogLevel DOSEnabled DOSPageCount DOSSiteCount DOSHashTableSize QS_SrvMaxConn',
  ],
  [
    'the state of the members is in balancer.view(), the manager and the metrics',
    'ExtendedStatus SeeRequestTail ProxyStatus',
  ],
  [
    'HTTP/1.1 is spoken, to clients and members; what is before the app may speak more',
    'Protocols ProtocolsHonorOrder H2Direct H2Push H2MaxSessionStreams H2WindowSize H2Upgrade H2ModernTLSOnly',
  ],
  ['TRACE is a request as any other here', 'TraceEnable'],
  ['a path is sent on as the client has encoded it', 'AllowEncodedSlashes MergeSlashes'],
  [
    'members are spoken to in HTTP',
    'ProxyFCGIBackendType ProxyFCGISetEnvIf ProxyFtpDirCharset ProxyFtpEscapeWildcards ProxyFtpListOnWildcard ProxySCGIInternalRedirect ProxySCGISendfile ProxyExpressEnable ProxyExpressDBMFile ProxyExpressDBMType CGIMapExtension ScriptSock ScriptLog FcgidConnectTimeout FcgidIOTimeout',
  ],
  [
    'URLs in pages are left as they are: a member that makes relative ones needs none of it',
    'ProxyHTMLEnable ProxyHTMLURLMap ProxyHTMLLinks ProxyHTMLEvents ProxyHTMLExtended ProxyHTMLDocType ProxyHTMLMeta ProxyHTMLInterp ProxyHTMLFixups ProxyHTMLBufSize ProxyHTMLStripComments ProxyHTMLCharsetOut Substitute SubstituteMaxLineLength SubstituteInheritBefore',
  ],
  [
    '+upgrades are carried with the HTTP of their member',
    'ProxyWebsocketFallbackToProxyHttp ProxyWebsocketAsync ProxyWebsocketAsyncDelay ProxyWebsocketIdleTimeout',
  ],
  [
    'AJP and multicast are not spoken',
    'HeartbeatAddress HeartbeatListen HeartbeatMonitor HeartbeatMaxServers HeartbeatStorage ProxyAJPSecret',
  ],
  [
    'nothing runs in httpd here',
    'PHPIniDir php_value php_flag php_admin_value php_admin_flag PerlModule PerlRequire PerlHandler WSGIScriptAlias WSGIDaemonProcess WSGIProcessGroup WSGIApplicationGroup PassengerRoot PassengerRuby JkMount JkWorkersFile JkLogFile JkLogLevel LuaHookAccessChecker LoadFile Dav DavLockDB',
  ],
  ['--url of the check command tells which rules a request meets', 'RewriteLock RewriteLog RewriteLogLevel'],
];

/** What is so anyway, by the directive and what it says. */
const soAnyway: ReadonlyMap<string, readonly [value: RegExp, why: string]> = new Map([
  ['allowencodedslashes', [/^nodecode$/i, 'a path is sent on as the client has encoded it']],
  ['enablemmap', [/^off$/i, 'files are served by the app']],
  ['enablesendfile', [/^off$/i, 'files are served by the app']],
  ['extendedstatus', [/^off$/i, 'nothing of it is here']],
  ['hostnamelookups', [/^off$/i, 'no names are looked up']],
  ['identitycheck', [/^off$/i, 'nobody is asked for it']],
  ['keepalive', [/^on$/i, "Node's HTTP server keeps connections"]],
  ['proxypassinterpolateenv', [/^off$/i, 'nothing is put in']],
  ['proxystatus', [/^off$/i, 'nothing of it is here']],
  ['sslengine', [/^off$/i, 'clients are spoken to in HTTP, unless the app does otherwise']],
  ['usecanonicalname', [/^off$/i, "hosts are told apart by the client's Host"]],
  ['usecanonicalphysicalport', [/^off$/i, "the port is that of the client's Host"]],
]);

/** Why a directive asks for nothing but what is so anyway; undefined where it asks for more. */
export function tellSoAnyway(key: string, value: string): string | undefined {
  const [pattern, why] = soAnyway.get(key) ?? [];
  return pattern?.test(value) ? why : undefined;
}

/** What a directive of httpd is answered with: why it does nothing, or that what it asks for is so anyway. */
export type OtherDirective = Readonly<{ kind: 'taken' | 'dropped'; why: string }>;

/** Other directives of httpd, by name in lower case. */
export const otherDirectives: ReadonlyMap<string, OtherDirective> = new Map(
  reasons.flatMap(([why, names]) => {
    const verdict: OtherDirective = why.startsWith('+')
      ? { kind: 'taken', why: why.slice(1) }
      : { kind: 'dropped', why };
    return names.split(' ').map((name) => [name.toLowerCase(), verdict] as const);
  }),
);
