/* libcuda.so.1 as far as the probe asks for it. Signatures and codes: NVIDIA's cuda.h.
 * With -DOLD_DRIVER, that of a driver before 470: only the first form of the uuid's function. */
#include "fakegpu.h"

enum { SUCCESS = 0, INVALID_VALUE = 1, NOT_INITIALIZED = 3, NO_DEVICE = 100, INVALID_DEVICE = 101,
       NOT_SUPPORTED = 801 };
enum { DEVICES = 64, CAPABILITY_MAJOR = 75, CAPABILITY_MINOR = 76 };

static int shown[DEVICES], count, begun;

static int ask(int device, const char *what, char value[ROOM])
{
    char key[ROOM];
    snprintf(key, sizeof key, "cuda.%d.%s", device, what);
    return answer(key, value, NOT_SUPPORTED);
}

/* The device of that index, or the first whose uuid begins so; -1 for none. */
static int meant(const char *name, int all)
{
    char value[ROOM], *end;
    long index = strtol(name, &end, 10);
    if (*name && !*end)
        return index >= 0 && index < all ? (int)index : -1;
    for (int device = 0; device < all; device++)
        if (*name && !ask(device, "uuid", value) && !strncmp(value, name, strlen(name)))
            return device;
    return -1;
}

/* As CUDA does: what stands behind the first name that means nothing is not seen. */
static void show(int all)
{
    const char *variable = getenv("CUDA_VISIBLE_DEVICES");
    char names[ROOM], *rest = names, *name;
    count = 0;
    for (int device = 0; !variable && device < all; device++)
        shown[count++] = device;
    if (!variable)
        return;
    snprintf(names, sizeof names, "%s", variable);
    while (count < DEVICES && (name = strsep(&rest, ",")) && meant(name, all) >= 0)
        shown[count++] = meant(name, all);
}

static void chatter(void)
{
    char value[ROOM];
    long bytes = scenario("cuda.chatter", value) ? atol(value) : 0;
    for (; bytes > 0; bytes -= 64) {
        printf("%-63s\n", "[\"fact\",\"cuda_init_code\",7]");
        fprintf(stderr, "%-63s\n", "\033[31mthe driver talks");
    }
    fflush(stdout);
}

int cuDriverGetVersion(int *version)
{
    char value[ROOM];
    int code = answer("cuda.driver", value, SUCCESS);
    *version = !code && scenario("cuda.driver", value) ? atoi(value) : 0;
    return code;
}

int cuInit(unsigned flags)
{
    char value[ROOM];
    int code;
    (void)flags;
    chatter();
    code = answer("cuda.init", value, SUCCESS);
    if (code)
        return code;
    show(scenario("cuda.devices", value) ? atoi(value) : 0);
    begun = 1;
    return count ? SUCCESS : NO_DEVICE;
}

int cuDeviceGetCount(int *number)
{
    char value[ROOM];
    *number = count;
    return begun ? answer("cuda.count", value, SUCCESS) : NOT_INITIALIZED;
}

int cuDeviceGet(int *device, int ordinal)
{
    char value[ROOM];
    int code;
    if (ordinal < 0 || ordinal >= count)
        return INVALID_DEVICE;
    *device = shown[ordinal];
    code = ask(*device, "get", value);
    return code == NOT_SUPPORTED ? SUCCESS : code;
}

int cuDeviceGetName(char *name, int room, int device)
{
    char value[ROOM];
    int code = ask(device, "name", value);
    if (!code)
        snprintf(name, (size_t)room, "%s", value);
    return code;
}

/* The value is written `GPU-…` or `MIG-…`; the bytes have no such beginning. */
static int uuid(unsigned char into[16], int device)
{
    char value[ROOM];
    const char *digit = value + 4;
    int code = ask(device, "uuid", value);
    for (int byte = 0; !code && byte < 16; byte++, digit += 2) {
        digit += *digit == '-';
        sscanf(digit, "%2hhx", &into[byte]);
    }
    return code;
}

int cuDeviceGetUuid(unsigned char into[16], int device) { return uuid(into, device); }

#ifndef OLD_DRIVER
int cuDeviceGetUuid_v2(unsigned char into[16], int device) { return uuid(into, device); }
#endif

int cuDeviceGetAttribute(int *value, int attribute, int device)
{
    char capability[ROOM];
    int major = 0, minor = 0, code = ask(device, "capability", capability);
    if (!code && sscanf(capability, "%d.%d", &major, &minor) != 2)
        abort();
    if (attribute != CAPABILITY_MAJOR && attribute != CAPABILITY_MINOR)
        return INVALID_VALUE;
    *value = attribute == CAPABILITY_MAJOR ? major : minor;
    return code;
}

int cuDeviceTotalMem_v2(size_t *bytes, int device)
{
    char value[ROOM];
    int code = ask(device, "total", value);
    if (!code)
        *bytes = strtoull(value, NULL, 10);
    return code;
}

int cuGetErrorName(int code, const char **name)
{
    static const struct { int code; const char *name; } names[] = {
        {34, "CUDA_ERROR_STUB_LIBRARY"},
        {46, "CUDA_ERROR_DEVICE_UNAVAILABLE"},
        {100, "CUDA_ERROR_NO_DEVICE"},
        {214, "CUDA_ERROR_ECC_UNCORRECTABLE"},
        {801, "CUDA_ERROR_NOT_SUPPORTED"},
        {802, "CUDA_ERROR_SYSTEM_NOT_READY"},
        {803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH"},
        {804, "CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE"},
        {999, "CUDA_ERROR_UNKNOWN"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].code == code) {
            *name = names[i].name;
            return SUCCESS;
        }
    *name = NULL;
    return INVALID_VALUE;
}
