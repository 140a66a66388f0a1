//! The one place that asks the processor what it can do.
//!
//! Integer and element-wise float code gives the same bits at any vector width (Rust never fuses multiply and add by
//! itself), so running a kernel here changes its speed and nothing else.
#![allow(unsafe_code, reason = "calling a function compiled for more instructions than the baseline")]

/// Runs `kernel` compiled for AVX2 and POPCNT where the processor has them. What the kernel calls must be
/// `#[inline(always)]` to gain from it.
#[inline]
pub fn accelerated<R>(kernel: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("popcnt") {
        // SAFETY: both features were just found present.
        return unsafe { wide(kernel) };
    }
    kernel()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt")]
unsafe fn wide<R>(kernel: impl FnOnce() -> R) -> R {
    kernel()
}
