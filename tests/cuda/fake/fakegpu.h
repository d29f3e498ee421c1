/* A driver that says what a scenario file says: lines `key=value`, the file named in
 * CUDA_FAKE_SCENARIO, read anew for each question. As a value stand also
 *
 *     !15     the call fails with that code
 *     hang    the call never returns, and blocks every signal that can be blocked
 *     wait    the call never returns, and signals act
 *     segv    the call crashes
 *
 * and a key that is absent makes the call fail with "not supported".
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROOM 512

static int scenario(const char *key, char value[ROOM])
{
    const char *path = getenv("CUDA_FAKE_SCENARIO");
    FILE *file = path ? fopen(path, "re") : NULL;
    size_t length = strlen(key);
    char line[ROOM];
    int found = 0;

    while (file && !found && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        if (!strncmp(line, key, length) && line[length] == '=') {
            strcpy(value, line + length + 1);
            found = 1;
        }
    }
    if (file)
        fclose(file);
    if (found && !strcmp(value, "hang")) {
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_BLOCK, &all, NULL);
    }
    while (found && (!strcmp(value, "hang") || !strcmp(value, "wait")))
        pause();
    if (found && !strcmp(value, "segv"))
        raise(SIGSEGV);
    return found;
}

/* The code that a question is answered with; the value is there for code 0 only. */
static int answer(const char *key, char value[ROOM], int absent)
{
    if (!scenario(key, value))
        return absent;
    return value[0] == '!' ? atoi(value + 1) : 0;
}
