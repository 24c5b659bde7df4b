// An identity provider on loopback (the npm package oidc-provider) with four people, for ops/oidc/run. Its first line on
// standard output is its address.
import { readFileSync } from "node:fs";
import http from "node:http";
import Provider from "oidc-provider";

const [secretFile, redirect] = process.argv.slice(2);
const people = {
    dara: { groups: ["palisade-staff"] },
    edda: { groups: ["palisade-staff", "palisade-admins"] },
    finn: { groups: ["somewhere-else"] },
    amina: { groups: ["palisade-admins"] },
};

const server = http.createServer();
server.listen(0, "127.0.0.1", () => {
    const issuer = `http://127.0.0.1:${server.address().port}`;
    const provider = new Provider(issuer, {
        clients: [{
            client_id: "palisade",
            client_secret: readFileSync(secretFile, "utf8").trim(),
            redirect_uris: [redirect],
            response_types: ["code"],
            grant_types: ["authorization_code"],
        }],
        pkce: { required: () => true },
        scopes: ["openid", "profile", "groups"],
        claims: { openid: ["sub"], profile: ["preferred_username"], groups: ["groups"] },
        conformIdTokenClaims: false,
        cookies: { keys: ["only for this test"] },
        findAccount: (_, id) => people[id] && {
            accountId: id,
            claims: () => ({ sub: `subject-of-${id}`, preferred_username: id, ...people[id] }),
        },
    });
    server.on("request", provider.callback());
    console.log(issuer);
});
