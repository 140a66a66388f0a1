//! The macros that make a library a plugin.

/// Exports a [`crate::RecordDetector`] as this library's plugin.
///
/// `manifest` is the path of the manifest (see the host's documentation for its fields), relative to the source file.
/// `resources` are files the plugin carries, by name; the host hands them to the detector unless the user configures
/// others. Resources called `rules` or `rules/…` are rule packs.
#[macro_export]
macro_rules! export_record_detector {
    ($detector:ty, manifest = $manifest:literal $(, resources = { $($name:literal => $path:literal),* $(,)? })? $(,)?) => {
        $crate::__export!($crate::glue::record_plugin::<$detector>(), $manifest, [$($($name => $path),*)?]);
    };
}

/// Exports a [`crate::Detector`] as this library's plugin. Arguments as in [`crate::export_record_detector!`].
#[macro_export]
macro_rules! export_detector {
    ($detector:ty, manifest = $manifest:literal $(, resources = { $($name:literal => $path:literal),* $(,)? })? $(,)?) => {
        $crate::__export!($crate::glue::plugin::<$detector>(), $manifest, [$($($name => $path),*)?]);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __export {
    ($table:expr, $manifest:literal, [$($name:literal => $path:literal),*]) => {
        const _: () = {
            static PLUGIN: $crate::abi::Plugin = $table;

            /// The exported entry of the plugin ABI.
            #[expect(unsafe_code, reason = "the symbol's name is part of the plugin ABI")]
            #[unsafe(no_mangle)]
            pub extern "C" fn huoyan_plugin_v1(_host_abi_minor: u32) -> *const $crate::abi::Plugin {
                &raw const PLUGIN
            }

            #[expect(unsafe_code, reason = "the symbol's name is part of the plugin ABI")]
            #[unsafe(no_mangle)]
            #[used]
            pub static HUOYAN_MANIFEST_V1: $crate::abi::Blob<{ include_bytes!($manifest).len() }> =
                $crate::abi::Blob::manifest(include_bytes!($manifest));

            #[expect(unsafe_code, reason = "the symbol's name is part of the plugin ABI")]
            #[unsafe(no_mangle)]
            #[used]
            pub static HUOYAN_RESOURCES_V1: $crate::abi::Resources<$crate::__resource_type!($($name => $path),*)> =
                $crate::abi::Resources::new($crate::__resource_value!($($name => $path),*));
        };
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __resource_type {
    () => { [u8; 8] };
    ($name:literal => $path:literal $(, $($rest:tt)*)?) => {
        $crate::abi::ResourceEntry<{ $name.len() }, { include_bytes!($path).len() }, $crate::__resource_type!($($($rest)*)?)>
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __resource_value {
    () => { $crate::abi::END };
    ($name:literal => $path:literal $(, $($rest:tt)*)?) => {
        $crate::abi::ResourceEntry::new($name, include_bytes!($path), $crate::__resource_value!($($($rest)*)?))
    };
}
