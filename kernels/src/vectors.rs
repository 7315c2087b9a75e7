//! Functions that are compiled for each kind of processor and chosen as the program runs.

/// The widest vectors this processor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    /// Those every processor of the kind has.
    Plain,
    /// 256 bits (AVX2 and FMA).
    #[cfg(target_arch = "x86_64")]
    Wide,
    /// 512 bits (AVX-512 as of Skylake).
    #[cfg(target_arch = "x86_64")]
    Widest,
}

/// Finds it out; the standard library remembers what the processor answered.
#[inline]
pub(crate) fn width() -> Width {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::is_x86_feature_detected as has;
        if has!("avx512f") && has!("avx512vl") && has!("avx512bw") && has!("avx512dq") {
            return Width::Widest;
        }
        if has!("avx2") && has!("fma") {
            return Width::Wide;
        }
    }
    Width::Plain
}

/// Functions whose loops are compiled for each [`Width`]. What they call must be inlined to be compiled so, which is why loops with much in
/// them are written out there rather than handed to closures.
macro_rules! vectored {
    ($($(#[$meta:meta])* $visible:vis fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $answer:ty)? $body:block)*) => {
        $(
            $(#[$meta])*
            #[allow(clippy::too_many_arguments, reason = "slices of one loop")]
            #[allow(unsafe_code, reason = "what is called was compiled for what the processor was found to have")]
            $visible fn $name($($argument: $type),*) $(-> $answer)? {
                #[inline(always)]
                fn plain($($argument: $type),*) $(-> $answer)? $body
                #[cfg(target_arch = "x86_64")]
                {
                    #[target_feature(enable = "avx2,fma")]
                    fn wide($($argument: $type),*) $(-> $answer)? { plain($($argument),*) }
                    #[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq")]
                    fn widest($($argument: $type),*) $(-> $answer)? { plain($($argument),*) }
                    // SAFETY: each is called where the processor was found to have what it is compiled for.
                    match $crate::vectors::width() {
                        $crate::vectors::Width::Widest => return unsafe { widest($($argument),*) },
                        $crate::vectors::Width::Wide => return unsafe { wide($($argument),*) },
                        $crate::vectors::Width::Plain => {}
                    }
                }
                plain($($argument),*)
            }
        )*
    };
}
pub(crate) use vectored;
