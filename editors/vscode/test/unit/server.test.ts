import assert from 'node:assert/strict';
import { delimiter } from 'node:path';
import { test } from 'node:test';
import { findServer, type Surroundings } from '../../src/server';

const around = (...programs: string[]): Surroundings => ({
    platform: 'linux',
    environment: { PATH: ['/usr/bin', 'relative', '/opt/bin'].join(delimiter), TOOLS: '/tools' },
    home: '/home/ada',
    isProgram: (path) => programs.includes(path),
});

test('the setting goes before PATH, and PATH before where cargo installs', () => {
    const all = around('/opt/bin/ndsl', '/usr/bin/ndsl', '/home/ada/.cargo/bin/ndsl', '/mine/ndsl');
    assert.deepEqual(findServer(' /mine/ndsl ', '/project', all), { path: '/mine/ndsl' });
    assert.deepEqual(findServer('', '/project', all), { path: '/usr/bin/ndsl' });
    assert.deepEqual(findServer('', undefined, around('/home/ada/.cargo/bin/ndsl')), { path: '/home/ada/.cargo/bin/ndsl' });
});

test('a path may be from home, of the environment, or relative to the workspace', () => {
    const all = around('/home/ada/ndsl', '/tools/ndsl', '/project/target/ndsl');
    assert.deepEqual(findServer('~/ndsl', '/project', all), { path: '/home/ada/ndsl' });
    assert.deepEqual(findServer('${env:TOOLS}/ndsl', '/project', all), { path: '/tools/ndsl' });
    assert.deepEqual(findServer('target/ndsl', '/project', all), { path: '/project/target/ndsl' });
    assert.deepEqual(findServer('${workspaceFolder}/target/ndsl', '/project', all), { path: '/project/target/ndsl' });
});

test('a setting that leads nowhere is said, and nothing else is run instead', () => {
    const found = findServer('/gone/ndsl', '/project', around('/usr/bin/ndsl'));
    assert.match('missing' in found ? found.missing : '', /ndsl\.server\.path is \/gone\/ndsl/);
    const none = findServer('', '/project', around('relative/ndsl'));
    assert.match('missing' in none ? none.missing : '', /neither on PATH nor in \/home\/ada\/\.cargo\/bin/);
});

test('on Windows the program has its extension', () => {
    const windows = { ...around('/usr/bin/ndsl.exe'), platform: 'win32' as const };
    assert.deepEqual(findServer('', undefined, windows), { path: '/usr/bin/ndsl.exe' });
});
