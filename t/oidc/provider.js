// A real OpenID provider (npm's oidc-provider) for t/worker/oauth_login.t.
//
//     node provider.js PORT FOLDER REDIRECT_URI
//
// It listens on 127.0.0.1 with the client "devpilot" of the secret "s3cret".  Who
// logs in is said by FOLDER/account, a JSON object with sub and claims.

'use strict';

const fs = require('fs');
const path = require('path');
const { Provider } = require(path.join(process.env.NODE_MODULES, 'oidc-provider'));

const [port, folder, redirect] = process.argv.slice(2);
const account = () => JSON.parse(fs.readFileSync(path.join(folder, 'account')));

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: 'devpilot',
    client_secret: 's3cret',
    redirect_uris: [redirect],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_post',
  }],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  conformIdTokenClaims: false,
  features: { devInteractions: { enabled: false } },
  pkce: { methods: ['S256'], required: () => true },
  cookies: { keys: ['test'] },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  async findAccount(ctx, sub) {
    return { accountId: sub, claims: async () => account() };
  },
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });

    grant.addOIDCScope('openid email profile');
    await grant.save();
    return grant;
  },
});

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/interaction/')) {
    await next();
    return;
  }

  const who = account();
  const result = who.refuses
    ? { error: 'access_denied', error_description: 'no' }
    : { login: { accountId: who.sub, remember: false } };

  await provider.interactionFinished(ctx.req, ctx.res, result);
  ctx.respond = false;
});

provider.listen(Number(port), '127.0.0.1', () => console.log('listening'));
