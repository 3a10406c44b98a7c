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

static inline uint64_t draw32(uint64_t key, uint64_t person) { return draw64(key, person) >> 32; }

static inline uint64_t threshold(double p) {
    return (uint64_t)((p < 0.0 ? 0.0 : p > 1.0 ? 1.0 : p) * 4294967296.0);
}

/* Approaching: whom sellers with stock ask, over which ties, and who mutes them. Returns how many
   were asked; `to`, `by`, `weights`, `mutes` have room for `room` of them, `doubts` for four times
   as many. */
int64_t ask(int64_t rows, const int32_t *who, const int32_t *inventory, const float *effort,
            const int64_t *ties, uint8_t *wear, const uint32_t *contacts, const int64_t *start,
            const uint16_t *close, const uint8_t *peers, const float *trust,
            const float *sociability, double mean_asks, double pressure, double weak, double mute,
            double wear_rate, uint64_t key_whom, uint64_t key_many, uint64_t key_mute,
            uint32_t *to, int32_t *by, uint16_t *weights, uint8_t *mutes, int64_t *doubts,
            int64_t *plans) {
    int64_t sellers = 0, count = 0, doubtful = 0;
    for (int64_t row = 0; row < rows; row++) {
        int64_t soon = who[row + 8 < rows ? row + 8 : rows - 1];
        __builtin_prefetch(&start[soon]);
        __builtin_prefetch(&sociability[soon]);
        __builtin_prefetch(&close[soon]);
        if (inventory[row] <= 0) continue;
        int64_t seller = who[row], degree = start[seller + 1] - start[seller];
        double intended = (double)effort[row] * mean_asks * (double)sociability[seller];
        int64_t asks = (int64_t)intended;
        if (draw32(key_many, seller) < threshold(intended - (double)asks)) asks++;
        if (asks > degree) asks = degree;
        if (asks == 0) continue;
        int64_t *plan = plans + 7 * sellers++;
        plan[0] = row;
        plan[1] = seller;
        plan[2] = degree;
        plan[3] = close[seller];
        plan[4] = ties[row];
        plan[5] = (int64_t)(draw64(key_whom, seller) % (uint64_t)degree);
        plan[6] = asks;
    }
    uint16_t push[256][2];
    uint64_t may_mute[256];
    for (int worn = 0; worn < 256; worn++) {
        double left = 1.0 - wear_rate * worn;
        if (left < 0.0) left = 0.0;
        push[worn][0] = (uint16_t)(64.0 * (pressure * weak * left));
        push[worn][1] = (uint16_t)(64.0 * (pressure * left));
        may_mute[worn] = threshold(mute * (1.0 + worn));
    }
    for (int64_t k = 0; k < sellers; k++) {
        const int64_t *soon = plans + 7 * (k + 8 < sellers ? k + 8 : sellers - 1);
        __builtin_prefetch(&contacts[soon[4] + soon[5]]);
        __builtin_prefetch(&contacts[soon[4] + soon[5] + soon[6]]);
        __builtin_prefetch(&wear[soon[4] + soon[5]]);
        const int64_t *plan = plans + 7 * k;
        int64_t place = plan[5];
        uint64_t luck = draw64(key_mute, plan[1]);
        for (int64_t n = 0; n < plan[6]; n++) {
            int64_t slot = place++;
            if (place == plan[2]) place = 0;
            int64_t tie = plan[4] + slot;
            int64_t worn = wear[tie];
            if (worn == 255) continue;
            uint32_t contact = contacts[tie];
            if (peers[contact >> 3] >> (contact & 7) & 1) continue;
            to[count] = contact;
            by[count] = (int32_t)plan[0];
            weights[count] = push[worn][slot < plan[3]];
            mutes[count] = 0;
            uint64_t bits = draw32(luck, slot);
            int64_t *doubt = doubts + 4 * doubtful;
            doubt[0] = count;
            doubt[1] = tie;
            doubt[2] = worn;
            doubt[3] = (int64_t)bits;
            doubtful += bits < may_mute[worn];
            wear[tie] = (uint8_t)(worn + 1 < 254 ? worn + 1 : 254);
            count++;
        }
    }
    for (int64_t k = 0; k < doubtful; k++) {
        const int64_t *doubt = doubts + 4 * k;
        __builtin_prefetch(&trust[to[doubts[4 * (k + 8 < doubtful ? k + 8 : doubtful - 1)]]]);
        double distrust = 1.0 - (double)trust[to[doubt[0]]];
        if ((uint64_t)doubt[3] < threshold(mute * distrust * (1.0 + (double)doubt[2]))) {
            wear[doubt[1]] = 255;
            mutes[doubt[0]] = 1;
        }
    }
    return count;
}
