// Writes `ndsl.tmLanguage.json` from `grammar.mjs`; with `--check` fails where it is not what would be written.
import { readFileSync, writeFileSync } from 'node:fs';
import grammar from './grammar.mjs';

const file = new URL('ndsl.tmLanguage.json', import.meta.url);
const written = `${JSON.stringify(grammar, null, 4)}\n`;
if (!process.argv.includes('--check')) {
    writeFileSync(file, written);
} else if (readFileSync(file, 'utf8') !== written) {
    console.error('syntaxes/ndsl.tmLanguage.json is not what grammar.mjs makes: run `npm run grammar`');
    process.exit(1);
}
