//! What a child gives up before any of the plugin's code runs, and again once the plugin has made its detector.
//!
//! Loading a library runs its constructors, so the first step stands before it and leaves only what loading needs: reading
//! and mapping the system's libraries. The second leaves what judging needs: memory, the open channel, an exit. Nothing
//! that was given up can be taken back. What the platform cannot enforce is told, never passed over.

use std::fs::File;
use std::path::Path;

use huoyan_model::Localized;
use rustix::process::{Resource, Rlimit};

use crate::Fault;

/// Something that this platform does not keep from a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Gap {
    /// Files are not denied.
    Files = 1,
    /// System calls are not denied: network, other processes, threads.
    Calls = 2,
    /// Memory is not limited.
    Memory = 3,
}

impl Gap {
    const ALL: [Self; 3] = [Self::Files, Self::Calls, Self::Memory];

    pub(crate) fn of(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|gap| *gap as u8 == byte)
    }

    /// What is not kept from a child, and what it would take.
    pub fn text(self) -> Localized {
        match self {
            Self::Files => Localized::new(
                "未禁止访问文件（需要带 Landlock 的 Linux）",
                "files are not denied (needs Linux with Landlock)",
            ),
            Self::Calls => Localized::new(
                "未禁止访问网络与进程（需要带 seccomp 的 Linux，处理器为 x86_64、aarch64 或 riscv64）",
                "network and processes are not denied (needs Linux with seccomp on x86_64, aarch64 or riscv64)",
            ),
            Self::Memory => Localized::new("未限制内存", "memory is not limited"),
        }
    }
}

/// Limits of the whole process. `memory` is what it may map from now on, in bytes.
fn limit(memory: u64, gaps: &mut Vec<Gap>) {
    let set = |resource, value: u64| {
        let limit = Rlimit { current: Some(value), maximum: Some(value) };
        rustix::process::setrlimit(resource, limit).is_ok()
    };
    if !set(Resource::As, mapped().saturating_add(memory)) {
        gaps.push(Gap::Memory);
    }
    // A dump would put the records that it was given on a disk; it writes no file either.
    set(Resource::Core, 0);
    set(Resource::Fsize, 0);
}

/// How many bytes this process maps already.
fn mapped() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm");
    let pages = pages.ok().and_then(|text| text.split(' ').next().and_then(|pages| pages.parse::<u64>().ok()));
    pages.map_or(256 << 20, |pages| pages * rustix::param::page_size() as u64)
}

/// The first step, before the library is loaded. `library` is the file that will be.
pub(crate) fn before_loading(library: &File, memory: u64) -> Vec<Gap> {
    let mut gaps = Vec::new();
    limit(memory, &mut gaps);
    #[cfg(target_os = "linux")]
    {
        let _ = rustix::thread::set_no_new_privs(true);
        if !linux::only_libraries(library) {
            gaps.push(Gap::Files);
        }
        if !linux::only_calls(linux::Work::Loading) {
            gaps.push(Gap::Calls);
        }
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = library;
        gaps.extend([Gap::Files, Gap::Calls]);
    }
    gaps
}

/// Leaves this process, which is to load the library and to judge with it on several threads, its memory, its threads, the files
/// that are open and reading the system's libraries: what a child of a scan has while it loads, and threads. For those who
/// test plugins. Gives what the platform cannot enforce.
pub fn confine(library: &Path) -> Vec<Gap> {
    #[cfg(target_os = "linux")]
    {
        let _ = rustix::thread::set_no_new_privs(true);
        let files = File::open(library).is_ok_and(|library| linux::only_libraries(&library));
        let calls = linux::only_calls(linux::Work::Laws);
        [(files, Gap::Files), (calls, Gap::Calls)]
            .into_iter()
            .filter_map(|(done, gap)| (!done).then_some(gap))
            .collect()
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = library;
        vec![Gap::Files, Gap::Calls]
    }
}

/// The second step, once the detector was made. What the first could do, this must.
pub(crate) fn before_judging(gaps: &[Gap]) -> Result<(), Fault> {
    #[cfg(target_os = "linux")]
    {
        if !gaps.contains(&Gap::Files) && !linux::no_files() {
            return Err(Fault::new("无法隔离：不能禁止访问文件", "cannot be isolated: files could not be denied"));
        }
        if !gaps.contains(&Gap::Calls) && !linux::only_calls(linux::Work::Judging) {
            return Err(Fault::new(
                "无法隔离：不能禁止系统调用",
                "cannot be isolated: system calls could not be denied",
            ));
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = gaps;
    Ok(())
}

/// Lets the process run for `seconds` of processor time from now, and then ends it. Where the kernel does not end a child with
/// its host (see [`with_the_host`]), what is left of one should not run for ever.
pub(crate) fn processor_time(seconds: u64) {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime).tv_sec.cast_unsigned();
    let maximum = rustix::process::getrlimit(Resource::Cpu).maximum;
    let limit = Rlimit { current: Some(used.saturating_add(seconds).saturating_add(2)), maximum };
    let _ = rustix::process::setrlimit(Resource::Cpu, limit);
}

/// Ends this process with the host, `parent`, whatever it is doing then. Fails when the host has ended already. Nobody takes it
/// back: the calls that could are denied.
pub(crate) fn with_the_host(parent: u32) -> Result<(), &'static str> {
    #[cfg(target_os = "linux")]
    {
        let kill = Some(rustix::process::Signal::KILL);
        rustix::process::set_parent_process_death_signal(kill).map_err(|_| "cannot be made to end with its host")?;
        let now = rustix::process::getppid().map_or(0, |pid| pid.as_raw_nonzero().get().cast_unsigned());
        if now != parent {
            return Err("the host has ended");
        }
    }
    let _ = parent;
    Ok(())
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeMap;
    use std::fs::File;

    use landlock::{
        ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
        RulesetCreated, RulesetCreatedAttr, RulesetStatus, Scope,
    };
    use seccompiler::{
        SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Is, SeccompCondition as Condition, SeccompFilter,
        SeccompRule, TargetArch,
    };

    /// Where systems keep their libraries.
    const LIBRARIES: [&str; 9] = [
        "/lib",
        "/lib32",
        "/lib64",
        "/usr/lib",
        "/usr/lib32",
        "/usr/lib64",
        "/usr/local/lib",
        "/nix/store",
        "/etc/ld.so.cache",
    ];

    /// A ruleset that denies everything. What an older kernel does not know is left out; that files are denied at all is
    /// what counts as enforced.
    fn nothing() -> Option<RulesetCreated> {
        let known = ABI::V6;
        Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(known))
            .and_then(|rules| rules.handle_access(AccessNet::from_all(known)))
            .and_then(|rules| rules.scope(Scope::from_all(known)))
            .and_then(|rules| rules.create())
            .ok()
    }

    fn enforce(rules: RulesetCreated) -> bool {
        rules.restrict_self().is_ok_and(|status| status.ruleset != RulesetStatus::NotEnforced)
    }

    pub(super) fn only_libraries(library: &File) -> bool {
        let Some(mut rules) = nothing() else { return false };
        let file = AccessFs::ReadFile | AccessFs::Execute;
        for path in LIBRARIES {
            let Ok(fd) = PathFd::new(path) else { continue };
            let access = if std::path::Path::new(path).is_dir() { file | AccessFs::ReadDir } else { file };
            match rules.add_rule(PathBeneath::new(fd, access)) {
                Ok(added) => rules = added,
                Err(_) => return false,
            }
        }
        // A copy in memory lies in no folder: nothing about it is denied, and no rule can be made for it.
        if !in_memory(library) {
            match rules.add_rule(PathBeneath::new(library, file)) {
                Ok(added) => rules = added,
                Err(_) => return false,
            }
        }
        enforce(rules)
    }

    fn in_memory(file: &File) -> bool {
        use std::os::fd::AsRawFd as _;
        let link = std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd()));
        link.is_ok_and(|path| path.as_os_str().as_encoded_bytes().starts_with(b"/memfd:"))
    }

    pub(super) fn no_files() -> bool {
        nothing().is_some_and(enforce)
    }

    /// What judging needs.
    const JUDGING: &[libc::c_long] = &[
        libc::SYS_read,
        libc::SYS_readv,
        libc::SYS_write,
        libc::SYS_writev,
        libc::SYS_recvmsg,
        libc::SYS_sendmsg,
        libc::SYS_close,
        libc::SYS_ppoll,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        libc::SYS_brk,
        libc::SYS_futex,
        libc::SYS_membarrier,
        libc::SYS_rseq,
        libc::SYS_set_robust_list,
        libc::SYS_clock_gettime,
        libc::SYS_gettimeofday,
        libc::SYS_nanosleep,
        libc::SYS_clock_nanosleep,
        libc::SYS_sched_yield,
        libc::SYS_sched_getaffinity,
        libc::SYS_getrandom,
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_sigaltstack,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_restart_syscall,
        libc::SYS_exit,
        libc::SYS_exit_group,
        // Answered with "there is no such call" by a filter of its own.
        libc::SYS_clone,
        libc::SYS_clone3,
    ];

    /// What loading a library, making a detector and the second step need besides.
    const LOADING: &[libc::c_long] = &[
        libc::SYS_openat,
        libc::SYS_newfstatat,
        libc::SYS_fstat,
        libc::SYS_statx,
        libc::SYS_lseek,
        libc::SYS_pread64,
        libc::SYS_readlinkat,
        libc::SYS_faccessat,
        libc::SYS_getdents64,
        libc::SYS_getcwd,
        libc::SYS_mmap,
        libc::SYS_mprotect,
        libc::SYS_seccomp,
        libc::SYS_landlock_create_ruleset,
        libc::SYS_landlock_add_rule,
        libc::SYS_landlock_restrict_self,
    ];

    /// Of `fcntl`, what says nothing about whom a file's signals go to.
    const FILE_COMMANDS: [libc::c_int; 4] = [libc::F_GETFD, libc::F_SETFD, libc::F_GETFL, libc::F_DUPFD_CLOEXEC];

    /// Of `prctl`, what the second step needs, and what memory and threads are named with; least of all a way out of ending with
    /// the host.
    const OWN_COMMANDS: [libc::c_int; 3] = [libc::PR_SET_NO_NEW_PRIVS, libc::PR_SET_VMA, libc::PR_SET_NAME];

    #[cfg(target_arch = "x86_64")]
    const OLDER: (&[libc::c_long], &[libc::c_long]) = (
        &[libc::SYS_poll, libc::SYS_time],
        &[libc::SYS_open, libc::SYS_stat, libc::SYS_lstat, libc::SYS_access, libc::SYS_readlink],
    );
    #[cfg(not(target_arch = "x86_64"))]
    const OLDER: (&[libc::c_long], &[libc::c_long]) = (&[], &[]);

    const PERMISSION: SeccompAction = SeccompAction::Errno(libc::EPERM as u32);
    const NO_SUCH_CALL: SeccompAction = SeccompAction::Errno(libc::ENOSYS as u32);

    /// What is to be done with the calls that are left.
    #[derive(Clone, Copy, PartialEq, Eq)]
    pub(super) enum Work {
        Loading,
        Judging,
        /// Both, on several threads, and writing an answer to a file that is open.
        Laws,
    }

    /// Allows only the listed calls, and some only with certain arguments.
    pub(super) fn only_calls(work: Work) -> bool {
        filters(work).is_some_and(|filters| {
            filters.into_iter().all(|filter| {
                seccompiler::BpfProgram::try_from(filter)
                    .is_ok_and(|program| seccompiler::apply_filter(&program).is_ok())
            })
        })
    }

    fn filters(work: Work) -> Option<Vec<SeccompFilter>> {
        let arch = TargetArch::try_from(std::env::consts::ARCH).ok()?;
        let is = |arg, value: u64| Condition::new(arg, Len::Dword, Is::Eq, value).ok();
        let rule = |condition: Option<Condition>| SeccompRule::new(vec![condition?]).ok();
        let one_of = |arg, values: &[libc::c_int]| -> Option<Vec<SeccompRule>> {
            values.iter().map(|value| rule(is(arg, u64::from(value.cast_unsigned())))).collect()
        };
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
            JUDGING.iter().chain(OLDER.0).map(|&n| (n, Vec::new())).collect();
        if work == Work::Judging {
            // Memory, but no more code.
            let no_code = rule(Condition::new(2, Len::Dword, Is::MaskedEq(libc::PROT_EXEC as u64), 0).ok())?;
            rules.insert(libc::SYS_mmap, vec![no_code.clone()]);
            rules.insert(libc::SYS_mprotect, vec![no_code]);
        } else {
            rules.extend(LOADING.iter().chain(OLDER.1).map(|&n| (n, Vec::new())));
            rules.insert(libc::SYS_fcntl, one_of(1, &FILE_COMMANDS)?);
            rules.insert(libc::SYS_prctl, one_of(0, &OWN_COMMANDS)?);
        }
        // A process may end itself by a signal.
        rules.insert(libc::SYS_tgkill, vec![rule(is(0, u64::from(std::process::id())))?]);
        if work == Work::Laws {
            rules.extend([libc::SYS_ftruncate, libc::SYS_set_tid_address].map(|call| (call, Vec::new())));
            // A thread, but no process; limits may be read.
            let thread = libc::CLONE_THREAD as u64;
            let thread = Condition::new(0, Len::Dword, Is::MaskedEq(thread), thread).ok();
            rules.insert(libc::SYS_clone, vec![rule(thread)?]);
            rules.insert(libc::SYS_prlimit64, vec![rule(Condition::new(2, Len::Qword, Is::Eq, 0).ok())?]);
        } else {
            // Only its own processor time, see `processor_time`: whoever may set that of others can end them.
            let own_time = vec![is(0, 0)?, is(1, u64::from(libc::RLIMIT_CPU))?];
            rules.insert(libc::SYS_prlimit64, vec![SeccompRule::new(own_time).ok()?]);
        }
        let mut filters = vec![SeccompFilter::new(rules, PERMISSION, SeccompAction::Allow, arch).ok()?];
        // Whoever wants a thread is told that there are none, which thread pools take for an answer; or that there is only the
        // older call, whose arguments can be looked at.
        let absent: &[libc::c_long] = match work {
            Work::Loading => &[libc::SYS_clone, libc::SYS_clone3],
            Work::Laws => &[libc::SYS_clone3],
            Work::Judging => &[],
        };
        if !absent.is_empty() {
            let absent = absent.iter().map(|&call| (call, Vec::new())).collect();
            filters.insert(0, SeccompFilter::new(absent, SeccompAction::Allow, NO_SUCH_CALL, arch).ok()?);
        }
        Some(filters)
    }
}
