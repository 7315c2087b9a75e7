// Where the `ndsl` command is: the setting says it, or it is on PATH, or where `cargo install` puts it.

import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';

/** What finding depends on. */
export interface Surroundings {
    platform: NodeJS.Platform;
    environment: NodeJS.ProcessEnv;
    home: string;
    isProgram(path: string): boolean;
}

/** The command, or why there is none. */
export type Found = { path: string } | { missing: string };

export const here: Surroundings = {
    platform: process.platform,
    environment: process.env,
    home: homedir(),
    isProgram(path) {
        try {
            accessSync(path, constants.X_OK);
            return statSync(path).isFile();
        } catch {
            return false;
        }
    },
};

/**
 * Finds the command.
 * @param setting what `ndsl.server.path` says; nothing where it is empty
 * @param folder the workspace's folder, from which a path of the setting is relative
 */
export function findServer(setting: string, folder: string | undefined, around = here): Found {
    const written = setting.trim();
    if (written) {
        const path = expanded(written, folder, around);
        return around.isProgram(path)
            ? { path }
            : { missing: `The setting ndsl.server.path is ${written}, and there is no program at ${path}.` };
    }
    const file = around.platform === 'win32' ? 'ndsl.exe' : 'ndsl';
    const path = around.environment['PATH'] ?? around.environment['Path'] ?? '';
    const folders = path.split(delimiter).filter((part) => isAbsolute(part));
    const cargo = join(around.environment['CARGO_HOME'] ?? join(around.home, '.cargo'), 'bin');
    const found = [...folders, cargo].map((part) => join(part, file)).find((program) => around.isProgram(program));
    return found ? { path: found } : { missing: `The ndsl command is neither on PATH nor in ${cargo}.` };
}

/** A path as it is written in settings: from the home folder, or relative to the workspace. */
function expanded(written: string, folder: string | undefined, around: Surroundings): string {
    const path = written
        .replace(/^~(?=$|[/\\])/, around.home)
        .replace(/\$\{workspaceFolder\}/g, folder ?? '')
        .replace(/\$\{env:(\w+)\}/g, (_, variable: string) => around.environment[variable] ?? '');
    return folder ? resolve(folder, path) : resolve(path);
}
