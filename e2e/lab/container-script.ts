/** What a container is started with, everything resolved. */
export type ContainerLaunch = {
  /** An empty folder; the container's root file system is mounted there, in a mount namespace of its own. */
  readonly root: string;
  /** The project's folder, seen as `/app` inside. */
  readonly projectDir: string;
  readonly program: readonly string[];
  readonly mounts: readonly Mount[];
  readonly uid: number;
  readonly gid: number;
  readonly supplementaryGroups: readonly number[];
  /** Linux capabilities in the bounding set, without the CAP_ prefix: all that the process can ever have. */
  readonly capabilities: readonly string[];
  readonly allowPrivilegeEscalation: boolean;
  readonly readOnlyRoot: boolean;
  /** Files of the control groups to join. */
  readonly joinFiles: readonly string[];
  /** What is seen of those groups; none where there are none. */
  readonly groupMounts: readonly Mount[];
};

export type Mount = { readonly source: string; readonly target: string; readonly readOnly: boolean };

/** Where the project is seen inside a container. */
export const projectInContainer = "/app";

const systemFolders = ["/usr", "/bin", "/sbin", "/lib", "/lib64"];
const systemFiles = ["/etc/ld.so.cache", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf"];
const devices = ["null", "zero", "full", "random", "urandom"];

/**
 * A shell script that makes a container's view of the machine and becomes its program: the host's programs and the
 * project read-only, own /proc, /dev and /tmp, the volumes; then the user, the groups and the capabilities of the pod.
 * As in a container, a program that is not root keeps no capability, and one that is root keeps those of the bounding set.
 */
export function containerScript(launch: ContainerLaunch): string {
  const root = quote(launch.root);
  return [
    "set -e",
    "umask 022",
    ...launch.joinFiles.map((file) => `echo 0 > ${quote(file)}`),
    `mount -t tmpfs -o mode=755 tmpfs ${root}`,
    `cd ${root}`,
    `mkdir -p proc sys dev etc tmp run var ${quote(`.${projectInContainer}`)}`,
    "chmod 1777 tmp",
    ...systemFolders.map(shareFolder),
    ...systemFiles.map((file) => `[ ! -e ${file} ] || cp ${file} .${file}`),
    "[ ! -d /etc/ssl ] || { mkdir -p etc/ssl; mount --bind /etc/ssl etc/ssl; mount -o remount,bind,ro etc/ssl; }",
    "mount -t proc proc proc",
    "mount -t sysfs -o ro sysfs sys",
    ...(launch.groupMounts.length > 0 ? showGroups(launch.groupMounts) : []),
    ...devices.map((device) => `touch dev/${device}; mount --bind /dev/${device} dev/${device}`),
    "ln -s /proc/self/fd dev/fd",
    ...bind({ source: launch.projectDir, target: projectInContainer, readOnly: true }),
    ...launch.mounts.flatMap(bind),
    ...(launch.readOnlyRoot ? ["mount -o remount,ro,mode=755 ."] : []),
    `exec chroot . setpriv ${privileges(launch).map(quote).join(" ")} -- ${launch.program.map(quote).join(" ")}`,
  ].join("\n");
}

function shareFolder(folder: string): string {
  const inside = `.${folder}`;
  const shared = `mkdir ${inside}; mount --bind ${folder} ${inside}; mount -o remount,bind,ro ${inside}`;
  return `if [ -L ${folder} ]; then cp -P ${folder} ${inside}; elif [ -d ${folder} ]; then ${shared}; fi`;
}

/** Version 1 has a folder for each controller, in one that the kernel leaves empty; version 2 has that one alone. */
function showGroups(mounts: readonly Mount[]): readonly string[] {
  const top = "sys/fs/cgroup";
  return [`mount -t tmpfs -o mode=755 tmpfs ${top}`, ...mounts.flatMap(bind), `mount -o remount,bind,ro ${top}`];
}

function bind({ source, target, readOnly }: Mount): readonly string[] {
  const inside = quote(`.${target}`);
  const point = `if [ -d ${quote(source)} ]; then mkdir -p ${inside}; else mkdir -p "$(dirname ${inside})"; touch ${inside}; fi`;
  return [point, `mount --bind ${quote(source)} ${inside}`, ...(readOnly ? [`mount -o remount,bind,ro ${inside}`] : [])];
}

function privileges(launch: ContainerLaunch): readonly string[] {
  const groups = launch.supplementaryGroups;
  return [
    `--reuid=${launch.uid}`,
    `--regid=${launch.gid}`,
    groups.length === 0 ? "--clear-groups" : `--groups=${groups.join(",")}`,
    `--bounding-set=${["-all", ...launch.capabilities.map((name) => `+${name.toLowerCase()}`)].join(",")}`,
    "--inh-caps=-all",
    ...(launch.allowPrivilegeEscalation ? [] : ["--no-new-privs"]),
  ];
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
