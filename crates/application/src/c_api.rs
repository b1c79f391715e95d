//! The same question from C: `include/kmscope.h` is made from this file.
//!
//! No memory changes its owner here: texts are copied into the caller's arrays, and no panic crosses the border.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use crate::check::{Activation, check};
use crate::clock::now;
use crate::folder::default_folder;
use crate::product_id::ProductId;
use crate::reason::Reason;

/// Result of kmscope_check: the product is activated.
pub const KMSCOPE_ACTIVATED: i32 = 0;
/// Result of kmscope_check: the product is not activated; `reason` tells why.
pub const KMSCOPE_NOT_ACTIVATED: i32 = 1;
/// Result of kmscope_check: an argument is wrong, and nothing is known of the product.
pub const KMSCOPE_ERROR: i32 = 2;

/// Bytes for a product's name: 64 characters of four bytes, and the zero.
pub const KMSCOPE_PRODUCT_BYTES: usize = 264;
/// Bytes for a host's name or address, its port, and the zero.
pub const KMSCOPE_HOST_BYTES: usize = 272;

/// What is known of the product. Later versions add fields at the end only.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct KmscopeActivation {
    /// Before the call: sizeof(struct kmscope_activation). After it: how many bytes were filled.
    pub size: u32,
    /// 1 while the product is activated, else 0.
    pub activated: u32,
    /// Licence state: 0 unlicensed, 1 licensed, 2 initial grace, 3 grace behind an activation that ran out,
    /// 4 non-genuine grace, 5 notification, 6 extended grace.
    pub license_state: u32,
    /// One of enum kmscope_reason.
    pub reason: u32,
    /// Result code, as the client's events print it; 0 while activated.
    pub code: u32,
    /// Minutes until the licence state ends, rounded up; 0 for states that last.
    pub minutes_left: u32,
    /// How many machines the host had counted; 0 without an activation.
    pub count: u32,
    /// Always 0.
    pub reserved: u32,
    /// When the licence state ends, in seconds since 1970; 0 for states that last.
    pub until: i64,
    /// Name of the product in UTF-8, or an empty text.
    pub product: [c_char; KMSCOPE_PRODUCT_BYTES],
    /// The host that activated this machine, with its port, or an empty text.
    pub host: [c_char; KMSCOPE_HOST_BYTES],
}

/// Bytes of the structure; its first version had as many.
const SIZE: usize = size_of::<KmscopeActivation>();

impl KmscopeActivation {
    fn new(activation: &Activation) -> KmscopeActivation {
        KmscopeActivation {
            size: SIZE as u32,
            activated: u32::from(activation.activated),
            license_state: activation.state.number(),
            reason: activation.reason.number(),
            code: activation.code,
            minutes_left: activation.minutes_left,
            count: activation.count.unwrap_or(0),
            reserved: 0,
            until: activation.until.map_or(0, |until| until.0),
            product: array(activation.product.as_deref().unwrap_or_default()),
            host: array(activation.host.as_deref().unwrap_or_default()),
        }
    }
}

/// A text with a zero behind it; a longer one ends between two characters.
fn array<const N: usize>(text: &str) -> [c_char; N] {
    let mut array = [0; N];
    let end = (0..=text.len().min(N - 1)).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    let bytes = text.as_bytes()[..end].iter().take_while(|byte| **byte != 0);
    array.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte as c_char);
    array
}

/// Asks whether a product is activated on this machine.
///
/// folder_or_null: the kmscope client's folder; NULL for the usual one.
/// publisher: the publisher's fingerprint, or its root key in base64.
/// activation_id: the product's id.
/// out: where to put the answer; its `size` must be set.
///
/// Returns KMSCOPE_ACTIVATED, KMSCOPE_NOT_ACTIVATED or KMSCOPE_ERROR. After KMSCOPE_ERROR the answer holds the reason
/// where `out` and its size were right. Texts must be UTF-8 that ends with a zero. Any thread may call at any time.
///
/// # Safety
///
/// The texts must end with a zero, and `out` must point to `size` bytes that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kmscope_check(
    folder_or_null: *const c_char,
    publisher: *const c_char,
    activation_id: *const c_char,
    out: *mut KmscopeActivation,
) -> c_int {
    // SAFETY: as this function's own.
    unsafe {
        if out.is_null() || size_of_out(out) < SIZE {
            return KMSCOPE_ERROR;
        }
        let answer = guarded(|| asked(folder_or_null, publisher, activation_id));
        put(out, &KmscopeActivation::new(&answer));
        match answer.reason {
            Reason::Activated => KMSCOPE_ACTIVATED,
            Reason::Arguments | Reason::Internal => KMSCOPE_ERROR,
            _ => KMSCOPE_NOT_ACTIVATED,
        }
    }
}

/// What the caller set `size` to.
///
/// # Safety
///
/// `out` must point to four bytes that can be read.
unsafe fn size_of_out(out: *const KmscopeActivation) -> usize {
    // SAFETY: the size stands first, and whatever the alignment is, it can be read.
    let size = unsafe { out.cast::<u32>().read_unaligned() };
    usize::try_from(size).unwrap_or(usize::MAX)
}

/// Copies the answer, also to a place that is not aligned.
///
/// # Safety
///
/// `out` must point to as many bytes as the structure has, which may be written.
unsafe fn put(out: *mut KmscopeActivation, answer: &KmscopeActivation) {
    // SAFETY: the caller vouches for the bytes, and the answer is on our own stack, so they do not overlap.
    unsafe { out.write_unaligned(*answer) }
}

/// The answer to the arguments.
///
/// # Safety
///
/// Texts must be NULL or end with a zero.
unsafe fn asked(folder: *const c_char, publisher: *const c_char, activation_id: *const c_char) -> Activation {
    let wrong = Activation::none(Reason::Arguments, activation::codes::INVALID_REQUEST);
    // SAFETY: as this function's own.
    let (named, publisher, activation_id) = unsafe { (text(folder), text(publisher), text(activation_id)) };
    let folder = match named {
        _ if folder.is_null() => default_folder(),
        Some(named) if !named.is_empty() => Path::new(named),
        _ => return wrong,
    };
    let product = publisher.zip(activation_id).map(|(publisher, id)| ProductId::parse(publisher, id));
    let Some(Ok(product)) = product else { return wrong };
    check(folder, &product, now())
}

/// A text of the caller's; nothing for NULL and for what is not UTF-8.
///
/// # Safety
///
/// The text must be NULL or end with a zero, and must live as long as what is made of it.
unsafe fn text<'a>(text: *const c_char) -> Option<&'a str> {
    if text.is_null() {
        return None;
    }
    // SAFETY: it is not NULL, and the caller vouches for the zero at its end.
    unsafe { CStr::from_ptr(text) }.to_str().ok()
}

/// The answer, or that the library failed.
fn guarded(answer: impl FnOnce() -> Activation) -> Activation {
    let failed = |_| Activation::none(Reason::Internal, activation::codes::RESPONSE_NOT_VALID);
    catch_unwind(AssertUnwindSafe(answer)).unwrap_or_else(failed)
}

/// A reason in English, for logs and screens. Never NULL; the text lives as long as the program.
#[unsafe(no_mangle)]
pub extern "C" fn kmscope_reason_text(reason: u32) -> *const c_char {
    Reason::from_number(reason).map_or(c"a reason that this version does not know", Reason::c_text).as_ptr()
}

/// The version of the library. Never NULL; the text lives as long as the program.
#[unsafe(no_mangle)]
pub extern "C" fn kmscope_version() -> *const c_char {
    const VERSION: &CStr =
        match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
            Ok(version) => version,
            Err(_) => c"",
        };
    VERSION.as_ptr()
}

#[cfg(test)]
mod tests {
    use std::ptr;

    use super::*;

    const KEY: &CStr = c"8M4K-H9PJ-94MC-FRJW";
    const ID: &CStr = c"d0f27bda-881c-8b6c-b22e-521f88641464";

    fn empty() -> KmscopeActivation {
        KmscopeActivation { reason: 99, ..KmscopeActivation::new(&Activation::none(Reason::Internal, 1)) }
    }

    fn ask(folder: *const c_char, publisher: *const c_char, id: *const c_char) -> (c_int, u32) {
        let mut out = empty();
        // SAFETY: the texts are constants, and the place is ours.
        let result = unsafe { kmscope_check(folder, publisher, id, &mut out) };
        (result, out.reason)
    }

    #[test]
    fn wrong_arguments_are_told() {
        let folder = c"/nonexistent".as_ptr();
        assert_eq!(ask(folder, KEY.as_ptr(), ID.as_ptr()), (1, 1));
        let (null, latin) = (ptr::null(), c"caf\xe9".as_ptr());
        for wrong in [null, latin, c"".as_ptr(), c"Contoso".as_ptr()] {
            assert_eq!(ask(folder, wrong, ID.as_ptr()), (2, 13));
            assert_eq!(ask(folder, KEY.as_ptr(), wrong), (2, 13));
        }
        assert_eq!(ask(latin, KEY.as_ptr(), ID.as_ptr()), (2, 13));
        assert_eq!(ask(c"".as_ptr(), KEY.as_ptr(), ID.as_ptr()), (2, 13));
        assert_eq!(ask(null, KEY.as_ptr(), ID.as_ptr()).0, 1, "the usual folder");
    }

    #[test]
    fn a_place_that_is_too_small_is_left_alone() {
        let call = |out: *mut KmscopeActivation| {
            // SAFETY: the texts are constants, and the place is null or ours.
            unsafe { kmscope_check(ptr::null(), KEY.as_ptr(), ID.as_ptr(), out) }
        };
        assert_eq!(call(ptr::null_mut()), 2);
        for size in [0, 4, SIZE as u32 - 1] {
            let mut out = KmscopeActivation { size, ..empty() };
            assert_eq!((call(&mut out), out.size, out.reason), (2, size, 99));
        }
        // A later header's larger structure: what this version knows is filled.
        let mut out = KmscopeActivation { size: SIZE as u32 + 8, ..empty() };
        assert_eq!((call(&mut out), out.size), (1, SIZE as u32));
    }

    #[test]
    fn panics_end_here() {
        let panics = || -> Activation { panic!("on purpose") };
        assert_eq!(guarded(panics).reason, Reason::Internal);
    }

    #[test]
    fn texts_end_with_zero_and_between_characters() {
        let shown = |array: &[c_char]| -> Vec<u8> { array.iter().map(|byte| *byte as u8).collect() };
        assert_eq!(shown(&array::<4>("abcdef")), b"abc\0");
        assert_eq!(shown(&array::<4>("aé漢")), "aé\0".as_bytes());
        assert_eq!(shown(&array::<4>("漢字")), "漢\0".as_bytes());
        assert_eq!(shown(&array::<4>("a\0b")), b"a\0\0\0");
    }

    #[test]
    fn texts_of_the_library() {
        // SAFETY: both are texts that end with a zero and live for ever.
        let (version, unknown) =
            unsafe { (CStr::from_ptr(kmscope_version()), CStr::from_ptr(kmscope_reason_text(99))) };
        assert_eq!(version.to_str(), Ok(env!("CARGO_PKG_VERSION")));
        assert_eq!(unknown, c"a reason that this version does not know");
    }
}
