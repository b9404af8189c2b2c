/** What the tenant holds now, for a person who wants to look. */
export interface Summary {
  readonly tenant: { readonly id: string; readonly displayName: string };
  readonly isLocal: boolean;
  readonly apps: readonly SummaryApp[];
  readonly userFlow: string;
}

export interface SummaryApp {
  readonly displayName: string;
  readonly clientId: string;
  /** The names in `.env` that hold its id. */
  readonly settings: readonly string[];
}

const adminCenter = 'https://entra.microsoft.com';

const styles = `
:root { color-scheme: light dark }
body { font: 1rem/1.6 system-ui, sans-serif; max-width: 56rem; margin: 3rem auto; padding: 0 1.25rem }
table { width: 100%; border-collapse: collapse; margin: 2rem 0 }
th, td { text-align: left; vertical-align: top; padding: .75rem 1rem .75rem 0; border-bottom: 1px solid #8886 }
@media (max-width: 48rem) { thead { display: none } td { display: block; border: 0; padding: 0 } td:last-child { border-bottom: 1px solid #8886; padding-bottom: .75rem; margin-bottom: .75rem } }
`;

/** The page that `configure` leaves behind. It holds names and ids, no secret. */
export function summaryPage({ tenant, isLocal, apps, userFlow }: Summary): string {
  const rows = apps.map(({ displayName, clientId, settings }) => {
    const page = `${adminCenter}/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Overview/appId/${clientId}`;
    const name = isLocal ? escaped(displayName) : `<a href="${escaped(page)}">${escaped(displayName)}</a>`;
    return `<tr><td>${name}</td><td><code>${escaped(clientId)}</code></td><td>${settings.map(code).join(', ')}</td></tr>`;
  });
  const place = `<a href="${adminCenter}/${escaped(tenant.id)}">admin center</a>`;
  const where = isLocal
    ? 'The local tenant keeps them in memory.'
    : `In the ${place}: App registrations; External Identities, User flows.`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Registered in ${escaped(tenant.displayName)}</title>
<style>${styles}</style>
</head>
<body>
<h1>Registered in ${escaped(tenant.displayName)}</h1>
<p>Tenant <code>${escaped(tenant.id)}</code>. ${where}</p>
<table>
<thead><tr><th>Application</th><th>Client ID</th><th>In .env</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
<p>Customers sign up and in through the user flow <b>${escaped(userFlow)}</b>.</p>
</body>
</html>
`;
}

const code = (name: string) => `<code>${escaped(name)}</code>`;

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
