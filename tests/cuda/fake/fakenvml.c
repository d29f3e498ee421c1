/* libnvidia-ml.so.1 as far as the probe asks for it. Signatures and codes: NVIDIA's nvml.h.
 * With -DOLD_DRIVER, that of a driver before 510: no second form of the memory's function. */
#include "fakegpu.h"

enum { SUCCESS = 0, NOT_SUPPORTED = 3, NOT_FOUND = 6 };
enum { DEVICES = 300, SLICES = 8 };

struct handle { int device, slice; };
static struct handle handles[DEVICES][SLICES + 1];

struct memory { unsigned long long total, free, used; };
struct memory2 { unsigned version; unsigned long long total, reserved, free, used; };
struct rates { unsigned gpu, memory; };

static int ask(const struct handle *of, const char *what, char value[ROOM])
{
    char key[ROOM];
    if (of->slice)
        snprintf(key, sizeof key, "nvml.%d.%d.%s", of->device, of->slice - 1, what);
    else
        snprintf(key, sizeof key, "nvml.%d.%s", of->device, what);
    return answer(key, value, NOT_SUPPORTED);
}

static int text(const char *key, char *into, unsigned room)
{
    char value[ROOM];
    int code = answer(key, value, NOT_SUPPORTED);
    if (!code)
        snprintf(into, room, "%s", value);
    return code;
}

static int number(const struct handle *of, const char *what, unsigned long long *into)
{
    char value[ROOM];
    int code = ask(of, what, value);
    if (!code)
        *into = strtoull(value, NULL, 10);
    return code;
}

int nvmlInitWithFlags(unsigned flags)
{
    char value[ROOM];
    (void)flags;
    return answer("nvml.init", value, SUCCESS);
}

int nvmlShutdown(void) { return SUCCESS; }

const char *nvmlErrorString(int code)
{
    static char said[64];
    snprintf(said, sizeof said, "code %d of the fake", code);
    return said;
}

int nvmlSystemGetDriverVersion(char *version, unsigned room)
{
    return text("nvml.driver", version, room);
}

int nvmlSystemGetCudaDriverVersion_v2(int *version)
{
    char value[ROOM];
    int code = answer("nvml.cuda", value, NOT_SUPPORTED);
    if (!code)
        *version = atoi(value);
    return code;
}

int nvmlDeviceGetCount_v2(unsigned *count)
{
    char value[ROOM];
    int code = answer("nvml.devices", value, SUCCESS);
    *count = code || !scenario("nvml.devices", value) ? 0 : (unsigned)strtoul(value, NULL, 10);
    return code;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, struct handle **handle)
{
    char value[ROOM];
    struct handle *found;
    if (index >= DEVICES)
        return NOT_FOUND;
    found = &handles[index][0];
    found->device = (int)index;
    *handle = found;
    return ask(found, "handle", value) == NOT_SUPPORTED ? SUCCESS : ask(found, "handle", value);
}

int nvmlDeviceGetName(struct handle *of, char *name, unsigned room)
{
    char value[ROOM];
    int code = ask(of, "name", value);
    if (!code)
        snprintf(name, room, "%s", value);
    return code;
}

int nvmlDeviceGetUUID(struct handle *of, char *uuid, unsigned room)
{
    char value[ROOM];
    int code = ask(of, "uuid", value);
    if (!code)
        snprintf(uuid, room, "%s", value);
    return code;
}

int nvmlDeviceGetMemoryInfo(struct handle *of, struct memory *memory)
{
    unsigned long long reserved = 0;
    int code = number(of, "total", &memory->total);
    number(of, "reserved", &reserved);
    if (!code)
        code = number(of, "used", &memory->used);
    memory->used += reserved; /* the first form counts both as used */
    return code;
}

#ifndef OLD_DRIVER
int nvmlDeviceGetMemoryInfo_v2(struct handle *of, struct memory2 *memory)
{
    int code = number(of, "total", &memory->total);
    if (!code)
        code = number(of, "used", &memory->used);
    return code;
}
#endif

int nvmlDeviceGetUtilizationRates(struct handle *of, struct rates *rates)
{
    unsigned long long percent = 0;
    int code = number(of, "utilization", &percent);
    rates->gpu = (unsigned)percent;
    return code;
}

int nvmlDeviceGetCudaComputeCapability(struct handle *of, int *major, int *minor)
{
    char value[ROOM];
    int code = ask(of, "capability", value);
    if (!code && sscanf(value, "%d.%d", major, minor) != 2)
        abort();
    return code;
}

int nvmlDeviceGetMigMode(struct handle *of, unsigned *now, unsigned *pending)
{
    unsigned long long mode = 0;
    int code = number(of, "mig", &mode);
    *now = *pending = (unsigned)mode;
    return code;
}

int nvmlDeviceGetMaxMigDeviceCount(struct handle *of, unsigned *count)
{
    (void)of;
    *count = SLICES - 1;
    return SUCCESS;
}

int nvmlDeviceGetMigDeviceHandleByIndex(struct handle *of, unsigned index, struct handle **slice)
{
    char value[ROOM];
    struct handle *found = &handles[of->device][index + 1];
    found->device = of->device;
    found->slice = (int)index + 1;
    *slice = found;
    return ask(found, "uuid", value) == NOT_SUPPORTED ? NOT_FOUND : SUCCESS;
}

int nvmlDeviceGetTotalEccErrors(struct handle *of, int kind, int counter, unsigned long long *count)
{
    (void)counter;
    return kind == 1 ? number(of, "ecc", count) : NOT_SUPPORTED; /* 1: uncorrected */
}
