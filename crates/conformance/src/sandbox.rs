//! What a law's process gives up before any of the plugin's code runs.
//!
//! As much as the child processes of scans give up, but for what the laws need: threads, and the files that are open already.
//! Nothing that was given up can be taken back. What the platform cannot enforce is told, never passed over.

use std::path::Path;

use huoyan_model::Localized;

/// Leaves memory, threads, open files and reading the system's libraries. What could not be enforced comes back. `library`: where
/// the plugin's copy lies, if it is not in memory, where no rule can be made for it and none is needed.
pub(crate) fn enter(library: Option<&Path>) -> Vec<Localized> {
    let mut gaps = Vec::new();
    #[cfg(target_os = "linux")]
    let (files, calls) = {
        let _ = rustix::thread::set_no_new_privs(true);
        (linux::only_libraries(library), linux::only_calls())
    };
    #[cfg(not(target_os = "linux"))]
    let (files, calls) = {
        let _ = library;
        (false, false)
    };
    if !files {
        gaps.push(Localized::new(
            "文件未被禁止（需要带 Landlock 的 Linux）",
            "files are not denied (needs Linux with Landlock)",
        ));
    }
    if !calls {
        gaps.push(Localized::new(
            "网络与进程未被禁止（需要 x86_64、aarch64 或 riscv64 上带 seccomp 的 Linux）",
            "network and processes are not denied (needs Linux with seccomp on x86_64, aarch64 or riscv64)",
        ));
    }
    gaps
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeMap;
    use std::path::Path;

    use landlock::{
        ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
        RulesetCreated, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
    };
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Is, SeccompCondition as Condition,
        SeccompFilter, SeccompRule, TargetArch, apply_filter,
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

    pub(super) fn only_libraries(library: Option<&Path>) -> bool {
        rules(library)
            .and_then(|rules| rules.restrict_self())
            .is_ok_and(|status| status.ruleset != RulesetStatus::NotEnforced)
    }

    /// What an older kernel does not know is left out; that files are denied at all is what counts as enforced.
    fn rules(library: Option<&Path>) -> Result<RulesetCreated, RulesetError> {
        let known = ABI::V6;
        let mut rules = Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(known))?
            .handle_access(AccessNet::from_all(known))?
            .scope(Scope::from_all(known))?
            .create()?;
        let file = AccessFs::ReadFile | AccessFs::Execute;
        for path in LIBRARIES.iter().map(Path::new).chain(library) {
            let Ok(fd) = PathFd::new(path) else { continue };
            let access = if path.is_dir() { file | AccessFs::ReadDir } else { file };
            rules = rules.add_rule(PathBeneath::new(fd, access))?;
        }
        Ok(rules)
    }

    /// What loading and judging on several threads needs, and what is written at the end.
    const NEEDED: &[libc::c_long] = &[
        libc::SYS_read,
        libc::SYS_readv,
        libc::SYS_pread64,
        libc::SYS_write,
        libc::SYS_writev,
        libc::SYS_lseek,
        libc::SYS_ftruncate,
        libc::SYS_close,
        libc::SYS_openat,
        libc::SYS_newfstatat,
        libc::SYS_fstat,
        libc::SYS_statx,
        libc::SYS_readlinkat,
        libc::SYS_faccessat,
        libc::SYS_getdents64,
        libc::SYS_getcwd,
        libc::SYS_ppoll,
        libc::SYS_mmap,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_mprotect,
        libc::SYS_madvise,
        libc::SYS_brk,
        libc::SYS_futex,
        libc::SYS_membarrier,
        libc::SYS_rseq,
        libc::SYS_set_robust_list,
        libc::SYS_set_tid_address,
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
        // Answered with "there is no such call" by a filter of its own: then threads are made by `clone`.
        libc::SYS_clone3,
    ];

    /// Of `fcntl`, what says nothing about whom a file's signals go to; of `prctl`, what names threads and memory.
    const FILE_COMMANDS: [libc::c_int; 4] = [libc::F_GETFD, libc::F_SETFD, libc::F_GETFL, libc::F_DUPFD_CLOEXEC];
    const OWN_COMMANDS: [libc::c_int; 2] = [libc::PR_SET_NAME, libc::PR_SET_VMA];

    #[cfg(target_arch = "x86_64")]
    const OLDER: &[libc::c_long] = &[
        libc::SYS_open,
        libc::SYS_stat,
        libc::SYS_lstat,
        libc::SYS_access,
        libc::SYS_readlink,
        libc::SYS_poll,
        libc::SYS_time,
    ];
    #[cfg(not(target_arch = "x86_64"))]
    const OLDER: &[libc::c_long] = &[];

    pub(super) fn only_calls() -> bool {
        filters().is_some_and(|filters| {
            filters
                .into_iter()
                .all(|filter| BpfProgram::try_from(filter).is_ok_and(|program| apply_filter(&program).is_ok()))
        })
    }

    fn filters() -> Option<[SeccompFilter; 2]> {
        let arch = TargetArch::try_from(std::env::consts::ARCH).ok()?;
        let when = |arg, len, is, value| {
            Condition::new(arg, len, is, value).and_then(|condition| SeccompRule::new(vec![condition])).ok()
        };
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
            NEEDED.iter().chain(OLDER).map(|&call| (call, Vec::new())).collect();
        let one_of = |arg, values: &[libc::c_int]| -> Option<Vec<SeccompRule>> {
            values.iter().map(|value| when(arg, Len::Dword, Is::Eq, u64::from(value.cast_unsigned()))).collect()
        };
        rules.insert(libc::SYS_fcntl, one_of(1, &FILE_COMMANDS)?);
        rules.insert(libc::SYS_prctl, one_of(0, &OWN_COMMANDS)?);
        // A thread, but no process; limits may be read; a process may end itself by a signal.
        let thread = libc::CLONE_THREAD as u64;
        rules.insert(libc::SYS_clone, vec![when(0, Len::Dword, Is::MaskedEq(thread), thread)?]);
        rules.insert(libc::SYS_prlimit64, vec![when(2, Len::Qword, Is::Eq, 0)?]);
        rules.insert(libc::SYS_tgkill, vec![when(0, Len::Dword, Is::Eq, u64::from(std::process::id()))?]);
        let denied = SeccompAction::Errno(libc::EPERM as u32);
        let allowed = SeccompFilter::new(rules, denied, SeccompAction::Allow, arch).ok()?;
        let absent = SeccompAction::Errno(libc::ENOSYS as u32);
        let clone3 = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
        let clone3 = SeccompFilter::new(clone3, SeccompAction::Allow, absent, arch).ok()?;
        Some([clone3, allowed])
    }
}
