// Reads one Sigstore bundle a line and says of each whether sigstore-js takes its signature by the public key named.
// usage: node signing.cjs PUBLIC.pem <bundles; NODE_PATH names the folder that holds @sigstore.
const crypto = require('node:crypto');
const fs = require('node:fs');
const { bundleFromJSON } = require('@sigstore/bundle');
const { Verifier, toSignedEntity, toTrustMaterial } = require('@sigstore/verify');

const publicKey = crypto.createPublicKey(fs.readFileSync(process.argv[2]));
const der = publicKey.export({ type: 'spki', format: 'der' });
const wanted = crypto.createHash('sha256').update(der).digest('base64');
const none = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] };
const trust = toTrustMaterial(none, (hint) => {
  if (hint !== wanted) throw new Error('another key');
  return { publicKey, validFor: () => true };
});
const verifier = new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 });
for (const line of fs.readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  const entity = toSignedEntity(bundleFromJSON(JSON.parse(line)));
  try {
    verifier.verify(entity);
    console.log('good');
  } catch (error) {
    console.log(error.code === 'SIGNATURE_ERROR' ? 'bad' : `other: ${error.code} ${error.message}`);
  }
}
