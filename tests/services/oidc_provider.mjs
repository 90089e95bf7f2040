// An OpenID Connect provider for one run of the tests: any account name signs in, PKCE is required, nobody is asked
// for consent. Arguments: port, redirect address. It listens on 127.0.0.1 and its page loads nothing.
import { Provider } from 'oidc-provider';

const [port, redirectUri] = process.argv.slice(2);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: 'cchc',
      client_secret: 'cchc-test-client-secret',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    },
  ],
  pkce: { required: () => true },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'] },
  conformIdTokenClaims: false,
  cookies: { keys: ['cchc-test-cookie-key'] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (context, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (context, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      email: `${id}@example.gov.vn`,
      email_verified: true,
      name: id,
      preferred_username: id,
    }),
  }),
  async loadExistingGrant(context) {
    const { client, params, session } = context.oidc;
    const grant = new context.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope(params.scope);
    await grant.save();
    return grant;
  },
});

async function body(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

provider.use(async (context, next) => {
  if (!context.path.startsWith('/interaction/')) return next();
  if (context.method === 'POST') {
    const accountId = (await body(context.req)).get('account');
    const result = { login: { accountId } };
    context.redirect(await provider.interactionResult(context.req, context.res, result));
    return undefined;
  }
  context.type = 'html';
  context.body = `<!doctype html><html lang="vi"><title>Đăng nhập</title><form method="post">
    <label>Tài khoản <input name="account"></label> <button>Tiếp tục</button></form></html>`;
  return undefined;
});

provider.listen(Number(port), '127.0.0.1');
