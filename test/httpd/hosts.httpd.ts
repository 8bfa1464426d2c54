import { describeWithHttpd } from './httpd.ts';
import { describeSame, toHost, type Row } from './side-by-side.ts';

const at = (host: string, where: string): Row => [toHost(host), `200 a /${where}/x`];

describeWithHttpd('virtual hosts are chosen as by httpd', () => {
  describeSame(
    'by name and alias, the first in the file',
    ({ a, port }) => `
      <VirtualHost *:${port}>
        ServerName d.example
        ProxyPass / ${a}/d/
      </VirtualHost>
      <VirtualHost *:${port}>
        ServerName v.example
        ServerAlias www.v.example *.v.test v?.example
        ProxyPass / ${a}/v/
      </VirtualHost>
      <VirtualHost *:${port}>
        ServerName w.example
        ServerAlias *.example
        ProxyPass / ${a}/w/
      </VirtualHost>
      <VirtualHost *:${port}>
        ServerName hidden.example
        ProxyPass / ${a}/hidden/
      </VirtualHost>
      <VirtualHost *:${port}>
        ServerName v.example
        ProxyPass / ${a}/again/
      </VirtualHost>
    `,
    [
      at('d.example', 'd'),
      at('v.example', 'v'),
      at('V.EXAMPLE', 'v'),
      at('www.v.example', 'v'),
      at('WWW.v.example', 'v'),
      at('a.b.v.test', 'v'),
      at('v.test', 'd'),
      at('vx.example', 'v'),
      at('vxx.example', 'w'),
      at('w.example', 'w'),
      at('zzz.example', 'w'),
      at('hidden.example', 'w'),
      at('nobody.test', 'd'),
      at('v.example:99', 'v'),
      at('v.example.', 'v'),
      at('127.0.0.1', 'd'),
      // The host of an absolute target wins over the header.
      [{ target: 'http://v.example/x', headers: { Host: 'd.example' } }, '200 a /v/x'],
    ],
  );

  describeSame(
    'the first without a name is for everybody else',
    ({ a, port }) => `
      <VirtualHost *:${port}>
        ProxyPass / ${a}/unnamed/
      </VirtualHost>
      <VirtualHost *:${port}>
        ServerName https://one.example:8443
        ProxyPass / ${a}/one/
      </VirtualHost>
    `,
    [at('nobody.test', 'unnamed'), at('one.example', 'one'), at('one.example:8443', 'one')],
  );

  describeSame(
    'the same name on two ports',
    ({ a, port }) => `
      <VirtualHost *:${port + 1}>
        ServerName v.example
        ProxyPass / ${a}/other/
      </VirtualHost>
      <VirtualHost *:${port}>
        ServerName v.example
        ProxyPass / ${a}/this/
      </VirtualHost>
      ProxyPass /x/main ${a}/main
    `,
    [at('v.example', 'this'), at('v.example:1', 'this'), at('other.example', 'this')],
  );
});
