// Holds the colours of some examples, and of a broken program, to the snapshots here; with `--update` writes them.
import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const examples = join(here, '../../../../examples');
const update = process.argv.includes('--update');

// One of each kind of program: every example has to be free of errors in another test, and this is to be read.
const programs = ['churn/churn', 'digits/digits', 'models/unet', 'serving/serving', 'shop/shop', 'tuning/tuning'].map(
    (program) => `${program}.ndsl`,
);
const names = programs.map((program) => basename(program));
programs.forEach((program, at) => copyFileSync(join(examples, program), join(here, names[at])));

// A snapshot of a program that is gone would never fail.
for (const snapshot of readdirSync(here).filter((file) => file.endsWith('.snap') && file !== 'broken.ndsl.snap')) {
    if (!names.includes(snapshot.replace(/\.snap$/, ''))) {
        if (!update) {
            console.error(`test/snapshots/${snapshot} is of no program: run \`npm run grammar\``);
            process.exit(1);
        }
        rmSync(join(here, snapshot));
    }
}
copyFileSync(join(here, '../grammar/broken.ndsl'), join(here, 'broken.ndsl'));

const files = [...names, 'broken.ndsl'].map((name) => join(here, name));
const tool = join(here, '../../node_modules/.bin/vscode-tmgrammar-snap');
const options = { stdio: 'inherit', cwd: join(here, '../..'), shell: process.platform === 'win32' };
process.exit(spawnSync(tool, [...(update ? ['--updateSnapshot'] : []), ...files], options).status ?? 1);
