// An OpenID Connect provider for one run of the tests: any account name signs in, PKCE is required.
// Arguments: port, redirect address. Its sign-in page has no script.
import { Provider } from 'oidc-provider';

const [port, redirectUri] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
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
});

provider.listen(Number(port), '127.0.0.1');
