// Bundles the extension and the diagram's page; with `--tests` the unit tests, to be run by `node --test`.
import { copyFileSync, readdirSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

const tests = process.argv.includes('--tests');
const shipped = process.argv.includes('--minify');
const shared = { bundle: true, logLevel: 'warning', minify: shipped, sourcemap: shipped ? false : 'linked' };

if (tests) {
    rmSync('out/test', { recursive: true, force: true });
    await build({
        ...shared,
        entryPoints: readdirSync('test/unit').filter((file) => file.endsWith('.test.ts')).map((file) => `test/unit/${file}`),
        outdir: 'out/test',
        platform: 'node',
        target: 'node20',
        format: 'cjs',
        outExtension: { '.js': '.cjs' },
        packages: 'external',
    });
} else {
    rmSync('out', { recursive: true, force: true });
    await build({
        ...shared,
        entryPoints: ['src/extension.ts'],
        outfile: 'out/extension.js',
        platform: 'node',
        target: 'node20',
        format: 'cjs',
        external: ['vscode'],
    });
    await build({
        ...shared,
        entryPoints: { diagram: 'src/diagram/page.ts' },
        outdir: 'out',
        platform: 'browser',
        target: 'es2022',
        format: 'iife',
    });
    copyFileSync('src/diagram/page.css', 'out/diagram.css');
}
