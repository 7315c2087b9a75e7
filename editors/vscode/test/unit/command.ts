// The `ndsl` command, where a test can have one: the one that NDSL names, or the newest that was built here.

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

const target = process.env['CARGO_TARGET_DIR'] ?? join(process.cwd(), '../../target');
const built = ['release', 'debug'].map((profile) => join(target, profile, 'ndsl')).filter((path) => existsSync(path));
const newest = built.toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];

export const command: string | undefined = process.env['NDSL'] ?? newest;
