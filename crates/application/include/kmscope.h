/* kmscope: asks whether a product is activated on this machine. See docs/applications.md. */

#ifndef KMSCOPE_H
#define KMSCOPE_H

/* Made by cbindgen from src/c_api.rs; UPDATE_HEADER=1 cargo test -p application --test header renews it. */

#include <stdint.h>
#include <stddef.h>

/*
 Result of kmscope_check: the product is activated.
 */
#define KMSCOPE_ACTIVATED 0

/*
 Result of kmscope_check: the product is not activated; `reason` tells why.
 */
#define KMSCOPE_NOT_ACTIVATED 1

/*
 Result of kmscope_check: an argument is wrong, and nothing is known of the product.
 */
#define KMSCOPE_ERROR 2

/*
 Bytes for a product's name: 64 characters of four bytes, and the zero.
 */
#define KMSCOPE_PRODUCT_BYTES 264

/*
 Bytes for a host's name or address, its port, and the zero.
 */
#define KMSCOPE_HOST_BYTES 272

/*
 Why a product is activated or not. New reasons get new numbers.
 */
enum kmscope_reason
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /*
   It is activated.
   */
  KMSCOPE_REASON_ACTIVATED = 0,
  /*
   There is no state of a client in the folder.
   */
  KMSCOPE_REASON_NOT_SET_UP = 1,
  /*
   The state can't be read: rights, or not a file.
   */
  KMSCOPE_REASON_UNREADABLE = 2,
  /*
   What is there is no state of a client.
   */
  KMSCOPE_REASON_DAMAGED = 3,
  /*
   The client has no setup key.
   */
  KMSCOPE_REASON_NO_KEY = 4,
  /*
   The client has the setup key of another product.
   */
  KMSCOPE_REASON_OTHER_PRODUCT = 5,
  /*
   The client has the setup key, or the lease, of another publisher.
   */
  KMSCOPE_REASON_OTHER_PUBLISHER = 6,
  /*
   No host was asked yet.
   */
  KMSCOPE_REASON_NOT_TRIED = 7,
  /*
   The last attempt failed; the code tells why.
   */
  KMSCOPE_REASON_FAILED = 8,
  /*
   The activation ran out.
   */
  KMSCOPE_REASON_EXPIRED = 9,
  /*
   The publisher revoked the host that gave the activation.
   */
  KMSCOPE_REASON_HOST_REVOKED = 10,
  /*
   The lease is damaged, forged, or of another product.
   */
  KMSCOPE_REASON_LEASE_NOT_VALID = 11,
  /*
   The lease was given to another machine.
   */
  KMSCOPE_REASON_OTHER_MACHINE = 12,
  /*
   An argument of the call is wrong.
   */
  KMSCOPE_REASON_ARGUMENTS = 13,
  /*
   A fault of this library.
   */
  KMSCOPE_REASON_INTERNAL = 14,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum kmscope_reason kmscope_reason;
#else
typedef uint32_t kmscope_reason;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/*
 What is known of the product. Later versions add fields at the end only.
 */
struct kmscope_activation {
  /*
   Before the call: sizeof(struct kmscope_activation). After it: how many bytes were filled.
   */
  uint32_t size;
  /*
   1 while the product is activated, else 0.
   */
  uint32_t activated;
  /*
   Licence state: 0 unlicensed, 1 licensed, 2 initial grace, 3 grace behind an activation that ran out,
   4 non-genuine grace, 5 notification, 6 extended grace.
   */
  uint32_t license_state;
  /*
   One of enum kmscope_reason.
   */
  uint32_t reason;
  /*
   Result code, as the client's events print it; 0 while activated.
   */
  uint32_t code;
  /*
   Minutes until the licence state ends, rounded up; 0 for states that last.
   */
  uint32_t minutes_left;
  /*
   How many machines the host had counted; 0 without an activation.
   */
  uint32_t count;
  /*
   Always 0.
   */
  uint32_t reserved;
  /*
   When the licence state ends, in seconds since 1970; 0 for states that last.
   */
  int64_t until;
  /*
   Name of the product in UTF-8, or an empty text.
   */
  char product[KMSCOPE_PRODUCT_BYTES];
  /*
   The host that activated this machine, with its port, or an empty text.
   */
  char host[KMSCOPE_HOST_BYTES];
};

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 Asks whether a product is activated on this machine.

 folder_or_null: the kmscope client's folder; NULL for the usual one.
 publisher: the publisher's fingerprint, or its root key in base64.
 activation_id: the product's id.
 out: where to put the answer; its `size` must be set.

 Returns KMSCOPE_ACTIVATED, KMSCOPE_NOT_ACTIVATED or KMSCOPE_ERROR. After KMSCOPE_ERROR the answer holds the reason
 where `out` and its size were right. Texts must be UTF-8 that ends with a zero. Any thread may call at any time.

 # Safety

 The texts must end with a zero, and `out` must point to `size` bytes that may be written.
 */
int kmscope_check(const char *folder_or_null,
                  const char *publisher,
                  const char *activation_id,
                  struct kmscope_activation *out);

/*
 A reason in English, for logs and screens. Never NULL; the text lives as long as the program.
 */
const char *kmscope_reason_text(uint32_t reason);

/*
 The version of the library. Never NULL; the text lives as long as the program.
 */
const char *kmscope_version(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* KMSCOPE_H */
