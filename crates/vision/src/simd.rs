//! The one place that asks the processor what it can do.
//!
//! Integer and element-wise float code gives the same bits at any vector width (Rust never fuses multiply and add by
//! itself), so running a kernel here changes its speed and nothing else.
#![allow(unsafe_code, reason = "calling a function compiled for more instructions than the baseline")]

/// A loop worth compiling twice. `run`, and what it calls, must be `#[inline(always)]`: only what is inlined is compiled
/// for the wider instructions. (A closure would do if the compiler could be made to inline it.)
pub trait Kernel {
    /// What it computes.
    type Output;

    /// Computes it.
    fn run(self) -> Self::Output;
}

/// Runs a kernel compiled for AVX2 and POPCNT where the processor has them.
#[inline]
pub fn accelerated<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("popcnt") {
        // SAFETY: both features were just found present.
        return unsafe { wide(kernel) };
    }
    kernel.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt")]
unsafe fn wide<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}

/// Runs a kernel that mostly counts bits, compiled for AVX-512's bit counts where the processor has them.
#[inline]
pub fn counting<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx512vl") && std::arch::is_x86_feature_detected!("avx512vpopcntdq") {
        // SAFETY: both features were just found present, and they imply the others.
        return unsafe { counts_bits(kernel) };
    }
    accelerated(kernel)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512vl,avx512vpopcntdq,avx2,popcnt")]
unsafe fn counts_bits<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}

/// Asks for a value's memory before it is read.
#[inline(always)]
pub fn prefetch<T>(value: &T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: prefetching reads nothing and every x86-64 processor has it.
    unsafe {
        std::arch::x86_64::_mm_prefetch(std::ptr::from_ref(value).cast(), std::arch::x86_64::_MM_HINT_T0);
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = value;
}
