// What the package is made of, as a list that scanners read: CycloneDX in JSON. `npm sbom` knows neither what is bundled nor how to
// leave out when it ran.

/**
 * @param {object} options
 * @param {{ name: string, version: string, description: string, license: string }} options.manifest
 * @param {readonly { name: string, version: string, license: string }[]} options.packages that are in the bundle or beside it
 * @param {Record<string, { version?: string, integrity?: string, resolved?: string }>} options.lock by folder, as in the lockfile
 * @param {string} options.timestamp of the release, in ISO 8601
 * @returns {object}
 */
export function sbomOf({ manifest, packages, lock, timestamp }) {
  const { name, version, description, license } = manifest;
  const main = { 'bom-ref': `${name}@${version}`, type: 'application', name, version, purl: purlOf(name, version) };
  const components = packages.map((one) => componentOf(one, lock));
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      timestamp,
      lifecycles: [{ phase: 'build' }],
      component: { ...main, description, licenses: licencesOf(license) },
    },
    components,
    dependencies: [{ ref: main['bom-ref'], dependsOn: components.map((component) => component['bom-ref']) }],
  };
}

function componentOf({ name, version, license }, lock) {
  const [, entry] =
    Object.entries(lock).find(
      ([folder, found]) => folder.endsWith(`node_modules/${name}`) && found.version === version,
    ) ?? [];
  if (entry?.integrity === undefined)
    throw new Error(`${name} ${version} is in the bundle, and not in package-lock.json.`);
  return {
    'bom-ref': `${name}@${version}`,
    type: 'library',
    name,
    version,
    purl: purlOf(name, version),
    licenses: licencesOf(license),
    hashes: [
      { alg: 'SHA-512', content: Buffer.from(entry.integrity.replace('sha512-', ''), 'base64').toString('hex') },
    ],
    externalReferences: [{ type: 'distribution', url: entry.resolved }],
  };
}

function purlOf(name, version) {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

/** A name of SPDX, or an expression of several. */
function licencesOf(license) {
  return / (?:OR|AND|WITH) /.test(license)
    ? [{ expression: license.replace(/^\((.*)\)$/, '$1') }]
    : [{ license: { id: license } }];
}
