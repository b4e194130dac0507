// Signs a file without a key, as a workflow on GitHub does, by stand-ins for Sigstore's services (@sigstore/mock).
// usage: node keyless.cjs FILE OUT; NODE_PATH names the folder that holds @sigstore. Writes OUT/trusted_root.json,
// OUT/provenance.sigstore.json (a statement about FILE) and OUT/message.sigstore.json (FILE itself).
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const nock = require('nock');
const { initializeCTLog, initializeCA, fulcioHandler, initializeTLog, rekorHandler } = require('@sigstore/mock');
const { bundleToJSON } = require('@sigstore/bundle');
const { DSSEBundleBuilder, MessageSignatureBundleBuilder, FulcioSigner, RekorWitness } = require('@sigstore/sign');

const [file, out] = process.argv.slice(2);
const repository = 'https://github.com/contoso/widgets';
const workflow = `${repository}/.github/workflows/release.yml@refs/tags/v1`;
const claims = {
  iss: 'https://token.actions.githubusercontent.com', sub: workflow, aud: 'sigstore', job_workflow_ref: 'contoso/widgets/.github/workflows/release.yml@refs/tags/v1',
  repository: 'contoso/widgets', ref: 'refs/tags/v1', sha: '0'.repeat(40), event_name: 'push', runner_environment: 'github-hosted',
  workflow: 'release', workflow_ref: 'contoso/widgets/.github/workflows/release.yml@refs/tags/v1', workflow_sha: '0'.repeat(40), job_workflow_sha: '0'.repeat(40),
  repository_id: '1', repository_owner: 'contoso', repository_owner_id: '2', repository_visibility: 'public', run_id: '3', run_attempt: '1',
};
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = `${part({ alg: 'none' })}.${part(claims)}.${part('none')}`;
const pair = () => crypto.generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const der = (key) => key.export({ format: 'der', type: 'spki' });
const sha256 = (data) => crypto.createHash('sha256').update(data).digest('hex');
// The stand-in logs an entry as it is proposed; the real log keeps digests in place of the envelope.
const kept = (entry) => {
  if (entry.kind !== 'dsse') return entry;
  const { envelope, verifiers } = entry.spec.proposedContent;
  const { payload, signatures } = JSON.parse(envelope);
  const hash = (data) => ({ algorithm: 'sha256', value: sha256(data) });
  const spec = {
    envelopeHash: hash(envelope), payloadHash: hash(Buffer.from(payload, 'base64')),
    signatures: [{ signature: signatures[0].sig, verifier: verifiers[0] }],
  };
  return { ...entry, spec };
};
const serve = (url, handler, times) => nock(url).post(handler.path).times(times).reply(async (_, body) => {
  const { statusCode, response, contentType } = await handler.fn(JSON.stringify(kept(typeof body === 'string' ? JSON.parse(body) : body)));
  return [statusCode, response, { 'Content-Type': contentType || 'text/plain' }];
});

(async () => {
  const [authority, log] = [pair(), pair()];
  const ctlog = await initializeCTLog(authority);
  const ca = await initializeCA(authority, ctlog);
  const tlog = await initializeTLog('https://rekor.sigstore.dev', log);
  serve('https://fulcio.sigstore.dev', fulcioHandler(ca, { strict: true }), 2);
  serve('https://rekor.sigstore.dev', rekorHandler(tlog, { strict: true }), 2);
  const signer = () => new FulcioSigner({ fulcioBaseURL: 'https://fulcio.sigstore.dev', identityProvider: { getToken: async () => token } });
  const witnesses = [new RekorWitness({ rekorBaseURL: 'https://rekor.sigstore.dev', entryType: 'dsse' })];

  const content = fs.readFileSync(file);
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: path.basename(file), digest: { sha256: sha256(content) } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'https://actions.github.io/buildtypes/workflow/v1',
        externalParameters: { workflow: { ref: 'refs/tags/v1', repository, path: '.github/workflows/release.yml' } },
        resolvedDependencies: [],
      },
      runDetails: { builder: { id: workflow } },
    },
  };
  const write = (name, value) => fs.writeFileSync(path.join(out, name), JSON.stringify(value));
  const provenance = await new DSSEBundleBuilder({ signer: signer(), witnesses })
    .create({ data: Buffer.from(JSON.stringify(statement)), type: 'application/vnd.in-toto+json' });
  write('provenance.sigstore.json', bundleToJSON(provenance));
  const message = await new MessageSignatureBundleBuilder({ signer: signer(), witnesses: [new RekorWitness({ rekorBaseURL: 'https://rekor.sigstore.dev' })] })
    .create({ data: content });
  write('message.sigstore.json', bundleToJSON(message));

  const since = { start: new Date(Date.now() - 86_400_000).toISOString() };
  const trusted = (key) => ({
    hashAlgorithm: 'SHA2_256',
    publicKey: { rawBytes: der(key).toString('base64'), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor: since },
    logId: { keyId: crypto.createHash('sha256').update(der(key)).digest('base64') },
  });
  write('trusted_root.json', {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [{ baseUrl: 'https://rekor.sigstore.dev', ...trusted(log.publicKey) }],
    ctlogs: [{ baseUrl: 'https://ctfe.sigstore.dev', ...trusted(authority.publicKey) }],
    certificateAuthorities: [{
      subject: { organization: 'sigstore.mock', commonName: 'sigstore' }, uri: 'https://fulcio.sigstore.dev',
      certChain: { certificates: [{ rawBytes: Buffer.from(ca.rootCertificate).toString('base64') }] }, validFor: since,
    }],
    timestampAuthorities: [],
  });
})().catch((error) => { console.error(error); process.exit(1); });
