/* Asks the library what its arguments say, and prints the answer: check FOLDER PUBLISHER ACTIVATION_ID */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kmscope.h"

/* "-" stands for NULL. */
static const char *argument(const char *text) {
    return strcmp(text, "-") == 0 ? NULL : text;
}

int main(int argc, char **argv) {
    struct kmscope_activation answer;
    int result;

    if (argc != 4) {
        fprintf(stderr, "usage: check FOLDER PUBLISHER ACTIVATION_ID\n");
        return 64;
    }
    memset(&answer, 0xff, sizeof answer);
    answer.size = sizeof answer;
    result = kmscope_check(argument(argv[1]), argument(argv[2]), argument(argv[3]), &answer);
    printf("result %d\n", result);
    printf("size %s\n", answer.size == sizeof answer ? "whole" : "partial");
    printf("activated %" PRIu32 "\n", answer.activated);
    printf("license state %" PRIu32 "\n", answer.license_state);
    printf("reason %" PRIu32 ": %s\n", answer.reason, kmscope_reason_text(answer.reason));
    printf("code 0x%08" PRIX32 "\n", answer.code);
    printf("days left %" PRIu32 "\n", answer.minutes_left / (24 * 60));
    printf("lasts %s\n", answer.until == 0 ? "for ever" : "until a day");
    printf("count %" PRIu32 "\n", answer.count);
    printf("product %s\n", answer.product);
    printf("host %s\n", answer.host);
    printf("version %s\n", kmscope_version());
    return result;
}
