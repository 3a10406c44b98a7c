/* The hottest loops of the week in plain C, as a yardstick for the compiled Python ones.
   Same arithmetic, same order: the benchmark checks that they give the same numbers. */
#include <stdint.h>
#include <stddef.h>

static inline uint64_t draw64(uint64_t key, uint64_t person) {
    uint64_t z = key + (person + 1) * 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

static inline double unit(uint64_t key, uint64_t person) {
    return ((double)(draw64(key, person) >> 12) + 0.5) / 4503599627370496.0;
}

static inline double fexp(double x) {
    if (x < -700.0) x = -700.0;
    if (x > 700.0) x = 700.0;
    double r = x / 256.0, total = 1.0 + r / 11.0;
    for (int n = 10; n > 0; n--) total = 1.0 + r * total / n;
    for (int k = 0; k < 8; k++) total = total * total;
    return total;
}

/* Using: a Poisson number of units out of the stock at home. */
int64_t use(int64_t persons, int32_t *home, uint8_t *used, const float *need, double idle,
            uint64_t key) {
    int64_t total = 0;
    for (int64_t p = 0; p < persons; p++) {
        used[p] = 0;
        if (home[p] > 0) {
            double mean = need[p] > idle ? need[p] : idle;
            double u = unit(key, p);
            if (u < 1.0 - mean - 1e-9) continue;
            double term = fexp(-mean), sum = term;
            int64_t count = 0;
            while (u > sum && (term > 1e-18 || count < mean)) {
                count++;
                term *= mean / count;
                sum += term;
            }
            if (count > home[p]) count = home[p];
            if (count > 0) {
                if (count > 255) count = 255;
                home[p] -= (int32_t)count;
                used[p] = (uint8_t)count;
                total += count;
            }
        }
    }
    return total;
}

/* Telling a circle: the scattered writes of those who join, leave or speak. */
void tell(int64_t speakers, const int32_t *who, const int64_t *start, const uint32_t *contacts,
          uint16_t *column, int change) {
    for (int64_t i = 0; i < speakers; i++)
        for (int64_t k = start[who[i]]; k < start[who[i] + 1]; k++)
            column[contacts[k]] = (uint16_t)(column[contacts[k]] + change);
}
